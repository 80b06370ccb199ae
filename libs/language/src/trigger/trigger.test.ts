// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { type NewTrigger, triggerDocument } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { checkTrigger } from './trigger.check.js';
import { triggered } from './trigger.js';

const start = { workflow: 'ship', input: { order: '${event.order.id}', note: 'paid ${event.order.total}' } };
const document = (more: Partial<NewTrigger> = {}) =>
  triggerDocument.parse({ secret: 'SHOP_SECRET', does: { start }, ...more });
const event = { type: 'order.paid', order: { id: 'ord-1', total: 5 } };

describe('an event', () => {
  test('starts what the trigger makes of it, under a key of its own', () => {
    expect(triggered('paid', document({ key: 'event.order.id' }), event, 'msg-1')).toEqual({
      kind: 'start',
      key: 'trigger/paid/ord-1',
      workflow: 'ship',
      version: undefined,
      input: { order: 'ord-1', note: 'paid 5' },
    });
  });

  test('is told from others by its id where no key is named', () => {
    expect(triggered('paid', document(), event, 'msg-1')).toMatchObject({ key: 'trigger/paid/msg-1' });
  });

  test('that the filter is false for is passed over', () => {
    const filtered = document({ filter: 'event.type == "order.paid" && event.order.total > 5' });
    expect(triggered('paid', filtered, event, 'msg-1')).toEqual({ kind: 'ignored' });
  });

  test('signals a run', () => {
    const does = {
      signal: { run: 'order-${event.order.id}', name: 'paid', data: { total: '${event.order.total}' } },
    };
    expect(triggered('paid', document({ does }), event, 'msg-1')).toEqual({
      kind: 'signal',
      key: 'trigger/paid/msg-1',
      runId: 'order-ord-1',
      name: 'paid',
      data: { total: 5 },
    });
  });

  const answer = { run: '${event.run}', question: '${event.question}', text: '${event.text}' };
  const answering = (text: unknown) =>
    triggered('crm', document({ does: { answer } }), { run: 'r', question: 'r/9', text }, 'msg-1');

  test('answers a question', () => {
    expect(answering('Größe 42')).toEqual({
      kind: 'answer',
      key: 'trigger/crm/msg-1',
      runId: 'r',
      question: 'r/9',
      text: 'Größe 42',
    });
  });

  test.each([
    ['no text', 42],
    ['nothing', ''],
    ['too much', 'x'.repeat(4_001)],
  ])('cannot answer with %s', (_what, text) => {
    expect(() => answering(text)).toThrow('must give a text of 1 to 4000 characters');
  });

  test.each([
    ['a key that it lacks', { key: 'event.customer.id' }],
    ['a key that is no text', { key: 'event.order' }],
    ['a key with a blank', { key: '"a b"' }],
    ['a filter that gives no yes or no', { filter: 'event.type' }],
  ])('cannot be evaluated with %s', (_name, more) => {
    expect(() => triggered('paid', document(more), event, 'msg-1')).toThrow();
  });
});

describe('published is no trigger with', () => {
  test.each<[string, string, object]>([
    ['an expression that is none', 'key', { key: 'event.' }],
    ['a name that it does not see', 'key', { key: 'input.id' }],
    ['an unknown name', 'filter', { filter: 'evnt.type == "x"' }],
    ['a filter that gives a text', 'filter', { filter: '"yes"' }],
    [
      'a template that is never closed',
      'does.start.input.a[0]',
      { does: { start: { ...start, input: { a: ['${event'] } } } },
    ],
    ['both to do', 'does', { does: { start, signal: { run: 'r', name: 'n' } } }],
    ['a setting of Interlock as its secret', 'secret', { secret: 'KAFKA_PASSWORD' }],
    ['a window of a day', 'window', { window: 'P1D' }],
  ])('%s', (_name, path, more) => {
    const problems = checkTrigger({ secret: 'SHOP_SECRET', does: { start }, ...more });
    expect(problems.map((one) => one.path)).toContain(path);
  });

  test('nothing is wrong with one that is right', () => {
    expect(
      checkTrigger({ secret: 'SHOP_SECRET', key: 'event.id', filter: 'event.a > 1', does: { start } }),
    ).toEqual([]);
  });
});

describe('a trigger on a topic', () => {
  const topic = { name: 'shop.orders', events: 'json' };
  const checked = (more: object) => checkTrigger({ does: { start }, ...more });

  test('needs no secret, and begins behind what is there', () => {
    expect(checked({ topic })).toEqual([]);
    expect(triggerDocument.parse({ topic, does: { start } }).topic?.from).toBe('now');
  });

  test.each([
    ['neither a topic nor a secret', {}, 'secret', /is required/],
    ['both', { topic, secret: 'SHOP_SECRET' }, 'secret', /leave it out, or leave topic out/],
    ['the window of requests', { topic, window: 'PT1M' }, 'window', /of signed requests/],
    ['a topic of ours', { topic: { ...topic, name: 'run.events' } }, 'topic.name', /of Interlock or Kafka/],
    ['a topic of Kafka', { topic: { ...topic, name: '__consumer_offsets' } }, 'topic.name', /Kafka itself/],
    ['no name', { topic: { ...topic, name: 'a b' } }, 'topic.name', /name of a Kafka topic/],
    ['another format', { topic: { ...topic, events: 'avro' } }, 'topic.events', /./],
  ])('with %s is refused', (_what, more, path, message) => {
    expect(checked(more)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });
});
