import { describe, expect, test } from 'vitest';
import { eventIn, type TopicRecord } from './topic.event.js';

const place = { partition: 2, offset: 7 };
const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const json = (value: unknown) =>
  eventIn({ name: 'shop', events: 'json', from: 'now' }, { headers: {}, value: bytes(value) }, place);

const cloud = (value: unknown, headers: Record<string, string> = {}) => {
  const record: TopicRecord = {
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    value: Buffer.isBuffer(value) ? value : bytes(value),
  };
  return eventIn({ name: 'shop', events: 'cloudevents', from: 'now' }, record, place);
};
const whole = { specversion: '1.0', id: '1', source: '/shop', type: 'paid', data: { order: 'a' } };
const ce = { ce_specversion: '1.0', ce_id: '1', ce_source: '/shop', ce_type: 'paid' };

describe('a JSON document', () => {
  test('is the event, and its place is its id', () => {
    expect(json({ order: 'a' })).toEqual({ event: { order: 'a' }, id: 'shop/2/7' });
  });

  test('in a topic with a long name has an id that fits a key', () => {
    const topic = { name: 's'.repeat(249), events: 'json', from: 'now' } as const;
    expect(eventIn(topic, { headers: {}, value: bytes(1) }, place)?.id).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(['{', '', '{"a":1}{"b":2}', '\ud800'])('is not %j', (value) => {
    expect(() => json(value)).toThrow();
  });

  test.each([
    ['{"order":"a","order":"b"}', 'order: the key is there twice'],
    ['{"a":{"__proto__":1}}', 'a.__proto__: the key "__proto__" is not allowed'],
    ['{"order":', 'not valid JSON'],
  ])('that is none says why: %s', (value, why) => {
    expect(() => json(value)).toThrow(why);
  });

  test('with bytes that are no text is none: two of them would look the same', () => {
    const value = Buffer.concat([bytes('{"order":"'), Buffer.from([0xff]), bytes('"}')]);
    const topic = { name: 'shop', events: 'json', from: 'now' } as const;
    expect(() => eventIn(topic, { headers: {}, value }, place)).toThrow('no UTF-8');
  });

  test('that is too long is none', () => {
    expect(() => json('"'.padEnd(70_000, 'x'))).toThrow('it has 70000 bytes, more than 65536');
  });
});

test('a record without a value is no event', () => {
  const gone = { headers: {}, value: null };
  expect(eventIn({ name: 'shop', events: 'json', from: 'now' }, gone, place)).toBeUndefined();
});

describe('a CloudEvent', () => {
  test('is the same, structured or binary, and so is its id', () => {
    const structured = cloud(whole, { 'content-type': 'application/cloudevents+json; charset=utf-8' });
    const binary = cloud({ order: 'a' }, ce);
    expect(structured?.event).toEqual(whole);
    expect(binary?.event).toEqual(whole);
    expect(binary?.id).toBe(structured?.id);
  });

  test('is another by its id, and by its source', () => {
    const ids = [cloud(whole), cloud({ ...whole, id: '2' }), cloud({ ...whole, source: '/other' })];
    expect(new Set(ids.map((one) => one?.id)).size).toBe(3);
    const shifted = [cloud({ ...whole, id: 'b', source: 'a/' }), cloud({ ...whole, id: '/b', source: 'a' })];
    expect(new Set(shifted.map((one) => one?.id)).size).toBe(2);
  });

  test('has data of any form: JSON, text, or bytes', () => {
    expect(cloud('hello', { ...ce, 'content-type': 'text/plain' })?.event).toMatchObject({ data: 'hello' });
    expect(cloud('{}', { ...ce, 'content-type': 'application/vnd.shop+json' })?.event).toMatchObject({
      data: {},
    });
    expect(cloud(Buffer.from([0xff]), { ...ce, 'content-type': 'image/png' })?.event).toMatchObject({
      data_base64: '/w==',
    });
  });

  test.each([
    ['of another version', { ...whole, specversion: '0.3' }, {}],
    ['without an id', { ...whole, id: undefined }, {}],
    ['with an empty source', { ...whole, source: '' }, {}],
    ['without a type', { ...whole, type: 7 }, {}],
    ['that is a list', [whole], {}],
    ['in a batch', [whole], { 'content-type': 'application/cloudevents-batch+json' }],
    ['in another format', whole, { 'content-type': 'application/cloudevents+avro' }],
    ['with an odd attribute', { ...whole, __proto__x: 1, 'a b': 2 }, {}],
    ['with an attribute that is no key of a value', '{}', { ...ce, ce_constructor: 'x' }],
    [
      'with one that is a prototype',
      '{}',
      Object.fromEntries([...Object.entries(ce), ['ce___proto__', 'x']]),
    ],
    ['with more than 64 KB of attributes', '{}', { ...ce, ce_note: 'x'.repeat(70_000) }],
    ['with data that is no JSON', '{', ce],
    ['with text that is no UTF-8', Buffer.from([0xff]), { ...ce, 'content-type': 'text/plain' }],
  ])('is none %s', (_what, value, headers) => {
    expect(() => cloud(value, headers)).toThrow();
  });
});
