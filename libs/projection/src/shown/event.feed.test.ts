import type { StoredRecord } from '@interlock/broker';
import { foreignRedactionOf, type Redaction } from '@interlock/contracts';
import { beforeEach, expect, test } from 'vitest';
import { completed, recorded, requestedCall, started } from '../../test/run-events.js';
import { RunLog } from '../../test/run-log.js';
import { EventFeed, type FedEvent, type ShowsRun } from './event.feed.js';
import { feedFrom, parseFeedPosition } from './feed.position.js';

const toolSchema = {
  properties: { orderId: { type: 'string' }, email: { type: 'string', classification: 'personal' } },
};
const manifests = {
  redactionOf: (): Redaction => foreignRedactionOf(toolSchema),
  settle: async () => undefined,
};

let stored: StoredRecord[][];
let logs: RunLog[];
beforeEach(() => {
  stored = [[], []];
  logs = stored.map(
    (own) =>
      new RunLog((records) =>
        own.push(...records.map((record, at) => ({ ...record, offset: own.length + at }))),
      ),
  );
  for (const log of logs) log.claim();
});

const source = {
  async *read(partition: number, from: number) {
    // One at a time: a position stands behind each.
    for (const record of stored[partition] ?? []) if (record.offset >= from) yield [record];
  },
};

const begin = (log: RunLog | undefined, n: number) => log?.append(`run-${n}`, [started(n)]);
const goOn = (log: RunLog | undefined, n: number) =>
  log?.decide(`run-${n}`, [requestedCall(n), recorded(n), completed]);

function feedAt(position?: string, shows: ShowsRun = () => true): EventFeed {
  const places = position === undefined ? [feedFrom(0), feedFrom(0)] : parseFeedPosition(position, 2);
  if (places === undefined) throw new Error(`not a position: ${position}`);
  return new EventFeed(source, manifests, places, shows);
}

async function toldBy(feed: EventFeed, partitions?: readonly number[]): Promise<FedEvent[]> {
  const told: FedEvent[] = [];
  for await (const some of feed.toPresentEnd(partitions)) told.push(...some);
  return told;
}
const names = (told: readonly FedEvent[]) =>
  told.map(({ json }) => JSON.parse(json)).map(({ subject, seq }) => `${subject}/${seq}`);

test('events of every partition are told, those of a run in their order, and what is personal is left out', async () => {
  begin(logs[0], 1);
  begin(logs[1], 2);
  goOn(logs[0], 1);
  const told = await toldBy(feedAt());
  expect(names(told)).toEqual(['run-1/1', 'run-1/2', 'run-1/3', 'run-1/4', 'run-2/1']);
  expect(JSON.parse(told[1]?.json ?? '')).toMatchObject({
    specversion: '1.0',
    type: 'interlock.call.requested.v1',
    subject: 'run-1',
    seq: 2,
    position: told[1]?.position,
    data: { arguments: { orderId: 'A-1', email: { redacted: 'personal' } } },
  });
  expect(told.map(({ json }) => json).join()).not.toContain('mary@example.com');
});

test('from the position of any event the rest is told, each once: also in the middle of a decision', async () => {
  begin(logs[0], 1);
  begin(logs[1], 2);
  goOn(logs[0], 1);
  logs[0]?.claim();
  goOn(logs[1], 2);
  const all = await toldBy(feedAt());
  for (const [at, { position }] of all.entries())
    expect(names(await toldBy(feedAt(position)))).toEqual(names(all.slice(at + 1)));
});

test('what is appended later is told from where the reader stands', async () => {
  begin(logs[0], 1);
  const feed = feedAt();
  await toldBy(feed);
  goOn(logs[0], 1);
  begin(logs[1], 2);
  expect(names(await toldBy(feed, [1]))).toEqual(['run-2/1']);
  expect(names(await toldBy(feed))).toEqual(['run-1/2', 'run-1/3', 'run-1/4']);
  expect(await toldBy(feedAt(feed.position))).toEqual([]);
});

test('records that a deposed orchestrator left are not told', async () => {
  begin(logs[0], 1);
  logs[0]?.lose('run-1', [completed]);
  logs[0]?.claim();
  logs[0]?.landLate();
  goOn(logs[0], 1);
  expect(names(await toldBy(feedAt()))).toEqual(['run-1/1', 'run-1/2', 'run-1/3', 'run-1/4']);
});

test('runs of others are passed over, and need not be passed over again', async () => {
  begin(logs[0], 1);
  begin(logs[0], 2);
  const feed = feedAt(undefined, async (runId) => runId === 'run-1');
  expect(names(await toldBy(feed))).toEqual(['run-1/1']);
  expect(parseFeedPosition(feed.position, 2)?.[0]?.at.offset).toBe(stored[0]?.length);
});

test('a text that no feed gave is no position', () => {
  const { position } = feedAt();
  expect(parseFeedPosition(position, 2)).toEqual([feedFrom(0), feedFrom(0)]);
  expect(parseFeedPosition(position, 3)).toBeUndefined();
  for (const text of ['', 'now', 'AQ', `${position}A`, position.slice(1)])
    expect(parseFeedPosition(text, 2)).toBeUndefined();
});
