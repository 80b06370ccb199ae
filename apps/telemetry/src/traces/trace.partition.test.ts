import type { NewRecord, StoredRecord } from '@interlock/broker';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RunLog } from '../../../../libs/projection/test/run-log.js';
import { runHistories } from '../../test/run.histories.js';
import type { FinishedSpan } from './span.js';
import { readStart, startText, TracePartition, type TraceStart } from './trace.partition.js';

const fromStart: TraceStart = { from: { offset: 0, epoch: -1, index: 0 }, emitted: 0 };

/** Events as an orchestrator writes them, with a deposed one's between. */
const storedLog = runHistories.map((events): StoredRecord[] => {
  const records: StoredRecord[] = [];
  const land = (more: readonly NewRecord[]) => {
    for (const record of more) records.push({ ...record, offset: records.length });
  };
  const log = new RunLog(land);
  log.claim();
  for (const [at, { type, data, run }] of events.entries()) {
    if (at % 17 === 7) {
      log.lose(run, [[`${type}/1`, data]]);
      log.claim();
      log.landLate();
    }
    log.append(run, [[`${type}/1`, data]]);
  }
  return records;
});

interface Exported {
  readonly spans: FinishedSpan[];
  readonly partition: TracePartition;
  /** Lets the collector answer for the first `count` that wait. */
  settle(count: number): void;
}

function open(start: TraceStart): Exported {
  const spans: FinishedSpan[] = [];
  const waiting: { more: readonly FinishedSpan[]; settled: () => void }[] = [];
  const partition = new TracePartition(0, start, 'kafka', (more, settled) => waiting.push({ more, settled }));
  return {
    spans,
    partition,
    settle(count) {
      for (const { more, settled } of waiting.splice(0, count)) {
        spans.push(...more);
        settled();
      }
    },
  };
}

const ids = (spans: readonly FinishedSpan[]) => spans.map(({ spanId, name }) => `${name} ${spanId}`);

function whole(records: readonly StoredRecord[]): string[] {
  const one = open(fromStart);
  one.partition.take(records);
  one.settle(Number.POSITIVE_INFINITY);
  return ids(one.spans);
}

test('wherever a process is killed, the next one emits what is not settled, and nothing else', () => {
  fc.assert(
    fc.property(storedLog, fc.nat(), fc.nat(40), (records, cut, settled) => {
      const first = open(fromStart);
      first.partition.take(records.slice(0, cut % (records.length + 1)));
      first.settle(settled);
      const committed = first.partition.start;
      const second = open(readStart(committed.emitted, startText(committed))!);
      second.partition.take(records.slice(committed.from.offset));
      second.settle(Number.POSITIVE_INFINITY);
      expect([...ids(first.spans), ...ids(second.spans)]).toEqual(whole(records));
    }),
    { numRuns: 100 },
  );
});

test('what is committed never passes a span that the collector does not have', () => {
  fc.assert(
    fc.property(storedLog, (records) => {
      const one = open(fromStart);
      let emitted = 0;
      for (const record of records) {
        one.partition.take([record]);
        expect(one.partition.offset).toBeGreaterThanOrEqual(emitted);
        emitted = one.partition.offset;
        expect(one.partition.start.from.offset).toBeLessThanOrEqual(emitted);
      }
      one.settle(Number.POSITIVE_INFINITY);
      expect(one.partition.offset).toBe(records.length);
    }),
    { numRuns: 100 },
  );
});

test('a commit that somebody else wrote is none', () => {
  expect(readStart(5, '')).toBeUndefined();
  expect(readStart(5, '3.x.1')).toBeUndefined();
  expect(readStart(5, '3.2.1')).toEqual({ from: { offset: 3, epoch: 2, index: 1 }, emitted: 5 });
});
