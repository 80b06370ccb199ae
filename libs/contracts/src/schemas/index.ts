import { z } from 'zod';
import type { MessageDefinition } from '../define.js';
import { hostEvents } from '../host.events.js';
import { QuarantineMessage } from '../quarantine.js';
import { definitionsOf } from '../topic.catalogues.js';
import { quarantineOf, serviceNames, type TopicSpec, topics } from '../topics.js';

/** Every generated file below `schemas/`, by its name there: a JSON Schema a message, and the AsyncAPI document. */
export function schemaFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const channels = topics.map((topic) => ({ topic, messages: messagesOf(topic) }));
  for (const { messages } of channels) {
    for (const message of messages) files.set(fileOf(message), pretty(schemaOf(message)));
  }
  files.set('asyncapi.json', pretty(asyncApi(channels)));
  return files;
}

function messagesOf(topic: TopicSpec): readonly MessageDefinition[] {
  if (serviceNames.some((service) => quarantineOf(service).name === topic.name)) return [QuarantineMessage];
  return topic.kind === 'fenced' ? [...definitionsOf(topic), ...hostEvents] : definitionsOf(topic);
}

const fileOf = ({ type, version }: MessageDefinition): string => `messages/${type}.v${version}.json`;

/** Input form: a reader of an older release must not refuse fields it does not know yet. */
const schemaOf = ({ schema, wire }: MessageDefinition) => ({
  title: wire,
  ...z.toJSONSchema(schema, { io: 'input' }),
});

function asyncApi(channels: readonly { topic: TopicSpec; messages: readonly MessageDefinition[] }[]) {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Interlock topics',
      version: '1.0.0',
      description:
        'Value: JSON. Header t: type/version. Header m: metadata. Header h: previous and own sha256, 32 bytes each. Fenced topics: apply the reader’s rule of docs/fenced-log.md.',
    },
    channels: Object.fromEntries(
      channels.map(({ topic, messages }) => [topic.name, channelOf(topic, messages)]),
    ),
    operations: Object.fromEntries(
      channels.map(({ topic }) => [
        `write ${topic.name}`,
        {
          action: 'send',
          channel: { $ref: `#/channels/${topic.name}` },
          summary: `Only ${topic.writer} may`,
        },
      ]),
    ),
  };
}

const channelOf = ({ name, kind, scope, keep }: TopicSpec, messages: readonly MessageDefinition[]) => ({
  address: name,
  description: `${kind}, ${scope === 'global' ? 'one partition' : 'keyed by the root run'}, kept: ${keep === 'read' ? 'until read' : typeof keep === 'number' ? `${keep} ms` : keep}`,
  messages: Object.fromEntries(
    messages.map((message) => [
      message.wire.replace('/', '.v'),
      { payload: { $ref: `./${fileOf(message)}` } },
    ]),
  ),
});

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
