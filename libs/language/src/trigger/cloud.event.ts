import { forbiddenKeys } from '@interlock/contracts';
import { isPlainObject } from '../json-guard.js';
import { decoded, jsonIn, TopicEventError } from './record.value.js';

/** https://cloudevents.io, version 1.0, with the binding for Kafka: structured in JSON, or binary. */
export interface CloudEvent {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly [attribute: string]: unknown;
}

type Headers = Readonly<Record<string, Uint8Array>>;
const PREFIX = 'ce_';

/** Of all that headers say of an event. */
export const attributeBytes = (headers: Headers): number =>
  Object.entries(headers).reduce(
    (sum, [name, { byteLength }]) => sum + (name.startsWith(PREFIX) ? name.length + byteLength : 0),
    0,
  );

/** @throws {TopicEventError} it is none */
export function cloudEventIn(headers: Headers, value: Uint8Array): CloudEvent {
  const contentType = textIn(headers, 'content-type') ?? '';
  if (contentType.startsWith('application/cloudevents-batch'))
    throw new TopicEventError('it is a batch of CloudEvents: send each in a record of its own');
  if (
    contentType.startsWith('application/cloudevents') &&
    !contentType.startsWith('application/cloudevents+json')
  )
    throw new TopicEventError(`it is a CloudEvent in the format ${contentType}: send JSON`);
  return checked(
    headers.ce_specversion === undefined ? structured(value) : binary(headers, contentType, value),
  );
}

function structured(value: Uint8Array): Readonly<Record<string, unknown>> {
  const event = jsonIn(value);
  if (isPlainObject(event)) return event;
  throw new TopicEventError('it is no CloudEvent: neither an object nor one with ce_ headers');
}

function binary(headers: Headers, contentType: string, value: Uint8Array): Readonly<Record<string, unknown>> {
  const attributes = Object.keys(headers)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => [name.slice(PREFIX.length), textIn(headers, name)] as const);
  const type = contentType === '' ? {} : { datacontenttype: contentType };
  return { ...Object.fromEntries(attributes), ...type, ...dataIn(contentType, value) };
}

function dataIn(contentType: string, value: Uint8Array): { data: unknown } | { data_base64: string } {
  const [media = ''] = contentType.toLowerCase().split(';', 1);
  if (media === '' || /^[a-z]+\/(?:[a-z0-9.+-]+\+)?json$/.test(media.trim())) return { data: jsonIn(value) };
  if (media.startsWith('text/')) return { data: decoded(value) };
  return { data_base64: Buffer.from(value).toString('base64') };
}

const NAME = /^[a-z0-9_]{1,40}$/;

function checked(event: Readonly<Record<string, unknown>>): CloudEvent {
  const { specversion, id, source, type } = event;
  if (specversion !== '1.0')
    throw new TopicEventError('it is no CloudEvent of version 1.0: specversion says something else');
  // What came by headers no reader of JSON has seen.
  const odd = Object.keys(event).find((name) => !NAME.test(name) || forbiddenKeys.has(name));
  if (odd !== undefined)
    throw new TopicEventError(
      `it is no CloudEvent: ${JSON.stringify(odd.slice(0, 60))} is no name of an attribute`,
    );
  return {
    ...event,
    specversion,
    id: named('id', id),
    source: named('source', source),
    type: named('type', type),
  };
}

function named(attribute: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TopicEventError(`it is no CloudEvent: ${attribute} is missing`);
}

const textIn = (headers: Headers, name: string): string | undefined => {
  const bytes = headers[name];
  return bytes && decoded(bytes);
};
