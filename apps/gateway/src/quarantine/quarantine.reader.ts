import type { Broker, NewRecord } from '@interlock/broker';
import {
  Catalogue,
  instantText,
  type MessageOf,
  QuarantineMessage,
  quarantineOf,
  type ServiceName,
  serviceNames,
  topics,
} from '@interlock/contracts';
import type { Quarantined } from '@interlock/contracts/http';
import { latestMessages, messageIn } from '../latest.messages.js';

/** Of each partition the latest are looked at. */
const LATEST = 1_000;

const catalogue = new Catalogue([QuarantineMessage]);

type Said = MessageOf<typeof QuarantineMessage>['data'];

/** A message as it was set aside. */
export interface SetAside {
  readonly shown: Quarantined;
  /** As it stood in its topic; undefined: it cannot be put back. */
  readonly record: NewRecord | undefined;
}

/** Commands come from gateways, so a gateway can give them again. What services tell one another is theirs to repeat. */
const given: ReadonlySet<string> = new Set(
  topics.filter(({ writer, kind }) => writer === 'gateway' && kind === 'plain').map(({ name }) => name),
);
const ours: ReadonlySet<string> = new Set(topics.map(({ name }) => name));
const notCommands: ReadonlySet<string> = new Set(['access.events']);

/** Absent: all of them. */
export interface Asked {
  readonly service?: ServiceName | undefined;
  readonly code?: string | undefined;
}

/** What services have set aside, read when somebody asks. */
export class QuarantineReader {
  constructor(private readonly broker: Pick<Broker, 'bounds' | 'read' | 'readAt' | 'partitions'>) {}

  /** Newest first; at most the latest 1,000 of each partition. */
  async list({ service, code }: Asked): Promise<Quarantined[]> {
    const found: Quarantined[] = [];
    for (const one of service === undefined ? serviceNames : [service]) {
      const partitions = await this.broker.partitions(quarantineOf(one).name);
      const all = Array.from({ length: partitions }, (_, partition) => this.#latest(one, partition, code));
      for (const some of await Promise.all(all)) found.push(...some);
    }
    return found.sort(newest);
  }

  /** Undefined: there is none, or it was not kept so long. */
  async find(id: string): Promise<SetAside | undefined> {
    const [service, partition, offset] = id.split('.');
    const from = serviceNames.find((name) => name === service);
    if (from === undefined) return undefined;
    const { name } = quarantineOf(from);
    if (Number(partition) >= (await this.broker.partitions(name))) return undefined;
    const { start, end } = await this.broker.bounds(name, Number(partition));
    if (Number(offset) < start || Number(offset) >= end) return undefined;
    const [record] = await this.broker.readAt(name, Number(partition), [Number(offset)]);
    const said = record && messageIn(record, catalogue)?.data;
    return said && this.#setAside(id, said);
  }

  /** What is kept says where it stood: whoever wrote it may have named a partition that there is not. */
  async #setAside(id: string, said: Said): Promise<SetAside> {
    const shown = shownOf(id, said);
    const record = recordOf(said);
    if (record === undefined || said.partition < (await this.broker.partitions(said.topic)))
      return { shown, record };
    const because = `${said.topic} has no partition ${said.partition}`;
    return { shown: { ...shown, redrivable: false, because }, record: undefined };
  }

  async #latest(service: ServiceName, partition: number, code: string | undefined): Promise<Quarantined[]> {
    const place = { topic: quarantineOf(service).name, partition };
    const found: Quarantined[] = [];
    for await (const { offset, message } of latestMessages(this.broker, place, catalogue, LATEST))
      if (code === undefined || message.data.code === code)
        found.push(shownOf(`${service}.${partition}.${offset}`, message.data));
    return found;
  }
}

/** By the time at which it was set aside, and then by its id. */
export const placeOf = ({ at, id }: Pick<Quarantined, 'at' | 'id'>): string => `${Date.parse(at)}/${id}`;

const newest = (one: Quarantined, other: Quarantined): number =>
  Date.parse(other.at) - Date.parse(one.at) || (one.id < other.id ? 1 : -1);

function shownOf(id: string, said: Said): Quarantined {
  const { service, topic, partition, offset, part, key, headers, value, bytes, code, message } = said;
  const because = obstacle(said);
  return {
    id,
    service,
    topic,
    partition,
    offset,
    ...(part !== undefined && { part }),
    types: bytesOf(headers.t ?? '')
      .toString('utf8')
      .split(',')
      .filter((type) => type !== ''),
    key,
    code,
    message,
    at: instantText(said.at),
    bytes: bytes ?? Buffer.byteLength(value ?? '', 'base64'),
    redrivable: because === undefined,
    ...(because !== undefined && { because }),
  };
}

function recordOf(said: Said): NewRecord | undefined {
  const { key, headers, value } = said;
  if (obstacle(said) !== undefined) return undefined;
  return { key, headers: bytesIn(headers), value: value === null ? null : bytesOf(value) };
}

/** Why it cannot be put back as it was. */
function obstacle({ topic, bytes, part }: Said): string | undefined {
  if (!ours.has(topic))
    return `${topic} is a topic of another system: what was wrong there is for it to send again`;
  if (!given.has(topic) || notCommands.has(topic))
    return `${topic} is written by a service alone: what was wrong there is for its owner to say again`;
  if (bytes !== undefined) return 'only its beginning was kept, because it is too long';
  return part === undefined ? undefined : 'it is a part of a record, and the others were handled';
}

const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');
const bytesIn = (headers: Said['headers']): NewRecord['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, base64]) => [name, bytesOf(base64)]));
