import type { Sent } from '@interlock/service/otel';
import { expect, test } from 'vitest';
import type { SentSpans, SpanSender } from './sdk.sender.js';
import type { FinishedSpan } from './span.js';
import { BATCH_SPANS, QUEUE_SPANS_MAX, SpanQueue } from './span.queue.js';

const span = (n: number): FinishedSpan => ({
  service: 'orchestrator',
  name: `span ${n}`,
  kind: 'internal',
  traceId: 'a'.repeat(32),
  spanId: String(n).padStart(16, '0'),
  start: 0,
  end: 1,
  attributes: {},
  events: [],
});

/** Time that stands still until it is told to go on. */
class Timers {
  readonly waited: number[] = [];
  #tasks: { ms: number; task: () => void }[] = [];

  after(ms: number, task: () => void): () => void {
    const one = { ms, task };
    this.waited.push(ms);
    this.#tasks.push(one);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== one);
    };
  }

  soon(task: () => void): void {
    queueMicrotask(task);
  }

  async fire(): Promise<void> {
    for (const { task } of this.#tasks.splice(0)) task();
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  }
}

/** A collector that answers as it is told, when it is told. */
class Collector implements SpanSender {
  readonly batches: (readonly FinishedSpan[])[] = [];
  answer: Sent = { outcome: 'taken' };
  whileSending: () => void = () => {};

  async send(spans: readonly FinishedSpan[]): Promise<SentSpans> {
    this.batches.push(spans);
    this.whileSending();
    return { ...this.answer, spans: spans.length };
  }
}

function queueOf() {
  const collector = new Collector();
  const timers = new Timers();
  const counts = { exported: 0, dropped: 0, failed: 0, relieved: 0 };
  const settled: number[] = [];
  const queue = new SpanQueue(collector, timers, {
    exported(count) {
      counts.exported += count;
    },
    dropped(count) {
      counts.dropped += count;
    },
    failed() {
      counts.failed += 1;
    },
    relieved() {
      counts.relieved += 1;
    },
  });
  const add = (n: number, spans = [span(n)]) => queue.add(spans, () => settled.push(n));
  return { collector, timers, counts, settled, queue, add };
}

test('spans go out together, and are settled in order once the collector has them', async () => {
  const { collector, timers, counts, settled, add } = queueOf();
  add(1);
  add(2);
  expect(collector.batches).toEqual([]);
  await timers.fire();
  expect(collector.batches.map((batch) => batch.length)).toEqual([2]);
  expect(settled).toEqual([1, 2]);
  expect(counts).toMatchObject({ exported: 2, dropped: 0 });
});

test('spans that come while a batch is on its way are not taken for sent', async () => {
  const { collector, timers, settled, queue, add } = queueOf();
  collector.whileSending = () => {
    collector.whileSending = () => {};
    add(2);
  };
  add(1);
  await timers.fire();
  expect(collector.batches.map((batch) => batch.map(({ name }) => name))).toEqual([['span 1'], ['span 2']]);
  expect(settled).toEqual([1, 2]);
  expect(queue.size).toBe(0);
});

test('a collector that does not answer is asked again, later each time, and nothing is dropped', async () => {
  const { collector, timers, counts, settled, add } = queueOf();
  collector.answer = { outcome: 'later', because: '503' };
  add(1);
  for (let round = 0; round < 8; round++) await timers.fire();
  expect(counts).toMatchObject({ failed: 8, dropped: 0, exported: 0 });
  expect(settled).toEqual([]);
  expect(timers.waited.slice(1)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  collector.answer = { outcome: 'taken' };
  await timers.fire();
  expect(settled).toEqual([1]);
});

test('what the collector refuses for good is dropped and counted, and does not stand in the way', async () => {
  const { collector, timers, counts, settled, add } = queueOf();
  collector.answer = { outcome: 'refused', because: '400' };
  add(1);
  await timers.fire();
  expect(counts).toMatchObject({ dropped: 1, exported: 0 });
  expect(settled).toEqual([1]);
});

test('it is full when as many wait as it may hold, and says when half of them are gone', async () => {
  const { collector, timers, counts, queue, add } = queueOf();
  collector.answer = { outcome: 'later', because: 'down' };
  for (let n = 0; n < QUEUE_SPANS_MAX; n++) add(n);
  expect(queue.isFull).toBe(true);
  await timers.fire();
  expect(counts.relieved).toBe(0);
  collector.answer = { outcome: 'taken' };
  await timers.fire();
  expect(counts.relieved).toBe(1);
  expect(queue.isFull).toBe(false);
  expect(collector.batches.every((batch) => batch.length <= BATCH_SPANS)).toBe(true);
});

test('spans of one event stay together, however many they are', async () => {
  const { collector, timers, add } = queueOf();
  add(1);
  add(
    2,
    Array.from({ length: BATCH_SPANS + 1 }, (_, n) => span(n)),
  );
  await timers.fire();
  expect(collector.batches.map((batch) => batch.length)).toEqual([1, BATCH_SPANS + 1]);
});

test('at the end it sends what waits, but does not wait for a collector that is down', async () => {
  const { counts, settled, queue, add } = queueOf();
  add(1);
  await queue.close();
  expect(settled).toEqual([1]);

  const other = queueOf();
  other.collector.answer = { outcome: 'later', because: 'down' };
  other.add(1);
  await other.queue.close();
  expect(other.settled).toEqual([]);
  expect(other.counts.failed).toBe(1);
  expect(counts.exported).toBe(1);
});

test('it does not wait for an answer that does not come, nor for the next try', async () => {
  const { collector, timers, queue, add } = queueOf();
  collector.answer = { outcome: 'later', because: 'down' };
  add(1);
  await timers.fire();
  const pausing = queue.close();
  await pausing;

  const hung = queueOf();
  hung.collector.send = () => new Promise(() => {});
  hung.add(1);
  await hung.timers.fire();
  let isClosed = false;
  const closing = hung.queue.close().then(() => {
    isClosed = true;
  });
  await hung.timers.fire();
  await closing;
  expect(isClosed).toBe(true);
});
