import { runCommands, runEvents, traceGroup } from '@interlock/contracts';
import { beforeEach, expect, test } from 'vitest';
import { BROKEN, BrokenLog, WHOLE } from '../../../libs/projection/test/broken-log.js';
import { LogMetricValues } from '../src/metrics/log.metric.values.js';
import { TraceExporter } from '../src/traces/trace.exporter.js';

let log: BrokenLog;
beforeEach(() => {
  log = BrokenLog.readBy('telemetry');
});

test('traces of a partition stop in front of an event that is not what it says, by name, and the other goes on', async () => {
  log.writeBroken();
  const sent: number[] = [];
  const exporter = new TraceExporter(
    {
      broker: log.under.broker,
      runtime: log.under.runtime,
      sender: {
        send: async (spans: readonly unknown[]) => {
          sent.push(spans.length);
          return { taken: spans.length, refused: 0 };
        },
      } as never,
      system: 'kafka',
      note: log.note,
      observer: { exported: () => {}, dropped: () => {}, failed: () => {} },
    },
    (error) => {
      throw error;
    },
  );
  void exporter.start();
  await log.pass();
  expect(exporter.stopped).toMatchObject([
    { topic: runEvents.name, partition: BROKEN, because: expect.stringContaining('run.started') },
  ]);
  expect(log.notes).toEqual(['error: the traces of this partition stopped: people must look']);
  const committed = (partition: number) =>
    log.cluster.committed(traceGroup, runEvents.name, partition)?.offset;
  expect(committed(BROKEN)).toBeLessThanOrEqual(6);
  expect(committed(WHOLE)).toBe(log.endOf(runEvents.name, WHOLE));
  expect(exporter.asOf().filter(({ topic }) => topic === runCommands.name)).toHaveLength(2);
});

test('the metrics stand still at an event that is not what it says, by name, and count the other partition on', async () => {
  log.writeBroken();
  const troubled: string[] = [];
  const metrics = new LogMetricValues(log.under.broker, ({ spec, partition }) => {
    troubled.push(`${spec.name}/${partition}`);
  });
  void metrics.start();
  await log.pass();
  expect(troubled).toEqual([`${runEvents.name}/0`]);
  expect(metrics.isRead).toBe(true);
  const reader = (partition: number) =>
    metrics.readers.find((one) => one.spec === runEvents && one.partition === partition);
  expect(reader(BROKEN)?.trouble).toContain('run.started');
  expect(reader(WHOLE)?.offset).toBe(log.endOf(runEvents.name, WHOLE));
});
