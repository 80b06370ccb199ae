import { SimulatedCluster } from '@interlock/broker/simulated';
import { runCommands, runEvents, topics, traceGroup } from '@interlock/contracts';
import { ProcessUnderTest, seededRandom, VirtualTime } from '@interlock/simulation';
import { beforeEach, expect, test } from 'vitest';
import { completed, recorded, requestedCall, started } from '../../../libs/projection/test/run-events.js';
import { RunLog } from '../../../libs/projection/test/run-log.js';
import { LogFigures } from '../src/metrics/log.figures.js';
import { TraceExporter } from '../src/traces/trace.exporter.js';

const BROKEN = 0;
const WHOLE = 1;

let time: VirtualTime;
let cluster: SimulatedCluster;
let under: ProcessUnderTest;
let logs: RunLog[];
let notes: string[];
beforeEach(() => {
  time = new VirtualTime(0);
  const after = (ms: number, task: () => void) => void time.after(ms, task);
  cluster = new SimulatedCluster({ now: () => time.now(), after, random: seededRandom(1) });
  for (const topic of topics) cluster.create(topic, 2);
  under = new ProcessUnderTest('telemetry', cluster, time, seededRandom(2));
  logs = [BROKEN, WHOLE].map((partition) => {
    const log = new RunLog((records) => void cluster.stored(runEvents.name, partition).land(records));
    log.claim();
    return log;
  });
  notes = [];
});

const note = (level: string, what: string) => void notes.push(`${level}: ${what}`);
const stored = (topic: string, partition: number) => cluster.stored(topic, partition).bounds.end;
/** Longer than anything here waits before it tries again. */
const pass = async () => {
  await new Promise((resolve) => void setImmediate(resolve));
  await time.runUntil(time.now() + 60_000, () => false);
};
const live = (partition: number, n: number) =>
  logs[partition]!.append(`run-${n}`, [started(n), requestedCall(n), recorded(n), completed]);

/** An accepted event that is not what its type says, between whole runs. The other partition holds two runs. */
function writeBroken(): void {
  for (const partition of [BROKEN, WHOLE]) live(partition, partition);
  logs[BROKEN]!.append('run-2', [
    ['run.started/1', Buffer.from('{')],
    ['run.completed/1', Buffer.from('{')],
  ]);
  for (const partition of [BROKEN, WHOLE]) live(partition, 3 + partition);
}

test('traces of a partition stop in front of an event that is not what it says, by name, and the other goes on', async () => {
  writeBroken();
  const sent: number[] = [];
  const exporter = new TraceExporter(
    {
      broker: under.broker,
      runtime: under.runtime,
      sender: {
        send: async (spans: readonly unknown[]) => {
          sent.push(spans.length);
          return { taken: spans.length, refused: 0 };
        },
      } as never,
      system: 'kafka',
      note,
      observer: { exported: () => {}, dropped: () => {}, failed: () => {} },
    },
    (error) => {
      throw error;
    },
  );
  void exporter.start();
  await pass();
  expect(exporter.stopped).toMatchObject([
    { topic: runEvents.name, partition: BROKEN, because: expect.stringContaining('run.started') },
  ]);
  expect(notes).toEqual(['error: the traces of this partition stopped: people must look']);
  const committed = (partition: number) => cluster.committed(traceGroup, runEvents.name, partition)?.offset;
  expect(committed(BROKEN)).toBeLessThanOrEqual(6);
  expect(committed(WHOLE)).toBe(stored(runEvents.name, WHOLE));
  expect(exporter.asOf().filter(({ topic }) => topic === runCommands.name)).toHaveLength(2);
});

test('the figures stand still at an event that is not what it says, by name, and count the other partition on', async () => {
  writeBroken();
  const troubled: string[] = [];
  const figures = new LogFigures(under.broker, ({ spec, partition }) => {
    troubled.push(`${spec.name}/${partition}`);
  });
  void figures.start();
  await pass();
  expect(troubled).toEqual([`${runEvents.name}/0`]);
  expect(figures.isRead).toBe(true);
  const reader = (partition: number) =>
    figures.readers.find((one) => one.spec === runEvents && one.partition === partition);
  expect(reader(BROKEN)?.trouble).toContain('run.started');
  expect(reader(WHOLE)?.offset).toBe(stored(runEvents.name, WHOLE));
});
