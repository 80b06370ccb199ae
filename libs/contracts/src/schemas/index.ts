import { AUDIT_VERSION, auditDefinitions, auditHeaders, auditTypeOf } from '../audit.events.js';
import type { MessageDefinition } from '../define.js';
import { hostEvents } from '../host.events.js';
import { storedSchemaOf } from '../part.id.js';
import { QuarantineMessage } from '../quarantine.js';
import { definitionsOf } from '../topic.catalogues.js';
import { auditEvents, quarantineOf, serviceNames, type TopicSpec, topics } from '../topics.js';
import { publicSchemaOf } from './public.schema.js';

/** Every generated file below `schemas/`, by its name there: a JSON Schema a message, and the AsyncAPI document. */
export function schemaFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const channels = topics.map((topic) => ({ topic, messages: messagesOf(topic) }));
  for (const { messages } of channels) {
    for (const message of messages) files.set(fileOf(message), pretty(schemaOf(message)));
  }
  for (const definition of auditDefinitions)
    files.set(auditFileOf(definition), pretty(auditSchemaOf(definition)));
  files.set('asyncapi.json', pretty(asyncApi(channels)));
  return files;
}

function messagesOf(topic: TopicSpec): readonly MessageDefinition[] {
  if (serviceNames.some((service) => quarantineOf(service).name === topic.name)) return [QuarantineMessage];
  return topic.kind === 'fenced' ? [...definitionsOf(topic), ...hostEvents] : definitionsOf(topic);
}

const fileOf = ({ type, version }: MessageDefinition): string => `messages/${type}.v${version}.json`;

const schemaOf = ({ schema, wire }: MessageDefinition) => ({
  title: wire,
  ...storedSchemaOf(schema),
});

const auditNameOf = ({ wire }: MessageDefinition): string => auditTypeOf(wire);
const auditFileOf = (definition: MessageDefinition): string => `audit/${auditNameOf(definition)}.json`;
const auditSchemaOf = (definition: MessageDefinition) => ({
  title: auditNameOf(definition),
  ...publicSchemaOf(storedSchemaOf(definition.schema)),
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

/** The public stream: CloudEvents 1.0 in Kafka's binary binding. */
const auditChannel = (description: string) => ({
  address: auditEvents.name,
  description: `Version ${AUDIT_VERSION}. CloudEvents 1.0, Kafka binary binding: docs/audit-stream.md. ${description}`,
  messages: Object.fromEntries(
    auditDefinitions.map((definition) => [
      auditNameOf(definition),
      { headers: auditHeadersSchema(definition), payload: { $ref: `./${auditFileOf(definition)}` } },
    ]),
  ),
});

const auditHeadersSchema = (definition: MessageDefinition) => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.values(auditHeaders).map((name) => [
      name,
      name === auditHeaders.type ? { type: 'string', const: auditNameOf(definition) } : { type: 'string' },
    ]),
  ),
});

function channelOf(topic: TopicSpec, messages: readonly MessageDefinition[]) {
  const { name, kind, scope, keep } = topic;
  const kept = keep === 'read' ? 'until read' : typeof keep === 'number' ? `${keep} ms` : keep;
  const description = `${kind}, ${scope === 'global' ? 'one partition' : 'keyed by the root run'}, kept: ${kept}`;
  if (topic === auditEvents) return auditChannel(description);
  return {
    address: name,
    description,
    messages: Object.fromEntries(
      messages.map((message) => [
        message.wire.replace('/', '.v'),
        { payload: { $ref: `./${fileOf(message)}` } },
      ]),
    ),
  };
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
