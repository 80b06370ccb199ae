import { hashOf, type TopicSource, TRIGGER_BODY_BYTES_MAX } from '@interlock/contracts';
import { attributeBytes, cloudEventIn } from './cloud.event.js';
import { jsonIn, TopicEventError } from './record.value.js';

/** A record of another system, as far as it says anything. */
export interface TopicRecord {
  readonly headers: Readonly<Record<string, Uint8Array>>;
  readonly value: Uint8Array | null;
}

/** Where it stands. */
export interface TopicPlace {
  readonly partition: number;
  readonly offset: number;
}

export interface TopicEvent {
  /** What expressions see as `event`. */
  readonly event: unknown;
  /** Tells it from others where the trigger names no key. */
  readonly id: string;
}

/**
 * @returns undefined: it is a record without a value, which says that something was deleted
 * @throws {TopicEventError} it is too long, or is not what the trigger says that the topic holds
 */
export function eventIn(
  { name, events }: TopicSource,
  { headers, value }: TopicRecord,
  { partition, offset }: TopicPlace,
): TopicEvent | undefined {
  if (value === null) return undefined;
  const bytes = value.byteLength + (events === 'cloudevents' ? attributeBytes(headers) : 0);
  if (bytes > TRIGGER_BODY_BYTES_MAX)
    throw new TopicEventError(`it has ${bytes} bytes, more than ${TRIGGER_BODY_BYTES_MAX}`);
  if (events === 'json') return { event: jsonIn(value), id: shortened(`${name}/${partition}/${offset}`) };
  const event = cloudEventIn(headers, value);
  return { event, id: `ce/${hashOf([event.source, event.id]).slice(0, 40)}` };
}

const ID_CHARS_MAX = 100;
const shortened = (id: string): string => (id.length <= ID_CHARS_MAX ? id : hashOf(id).slice(0, 64));
