import { ProjectionRows } from '@interlock/projection';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counted, type CountedEvent, countMetrics, lineOf } from '../../test/counted.metrics.js';
import { runHistories } from '../../test/run.histories.js';
import { MetricValues } from './metric.values.js';
import type { LoggedRunEvent } from './open.run.js';
import { runMeasures } from './run.measures.js';
import { runMetrics } from './run.metrics.js';

const valuesOf = (events: readonly LoggedRunEvent[]): MetricValues => {
  const metricValues = new MetricValues();
  const open = new ProjectionRows(runMeasures, (measurement) => metricValues.add(measurement));
  for (const [offset, event] of events.entries()) open.apply({ ...event, partition: 0, offset });
  return metricValues;
};

/** Metrics that are counted by hand too; the rest of the lines are those of buckets, steps and checks. */
const isCounted = (name: string): boolean => !/_bucket$|^interlock_(step|check)_seconds/.test(name);

const linesOf = (metricValues: MetricValues): Counted =>
  new Map(
    runMetrics
      .flatMap((metric) => metricValues.lines(metric))
      .filter(({ metricName }) => isCounted(metricName))
      .map(({ metricName, labels, value }) => [lineOf(metricName, labels), value]),
  );

const sorted = (counted: Counted) => [...counted].sort(([a], [b]) => (a < b ? -1 : 1));

test('whatever runs do, every metric equals a count over the log', () => {
  fc.assert(
    fc.property(runHistories, (events) => {
      const counted = countMetrics(events as unknown as CountedEvent[]);
      expect(sorted(linesOf(valuesOf(events)))).toEqual(sorted(counted));
    }),
    { numRuns: 500 },
  );
});

test('the parts of a step add up to its time, and each has as many observations as steps ended', () => {
  fc.assert(
    fc.property(runHistories, (events) => {
      const metricValues = valuesOf(events);
      const lines = runMetrics
        .filter(({ name }) => name === 'interlock_step_seconds')
        .flatMap((metric) => metricValues.lines(metric))
        .filter(({ metricName }) => metricName.endsWith('_count'));
      const byStep = Map.groupBy(lines, ({ labels }) => `${labels.workflow} ${labels.step}`);
      for (const parts of byStep.values()) {
        expect(parts.map(({ labels }) => labels.part).sort()).toEqual(['people', 'queue', 'work']);
        expect(new Set(parts.map(({ value }) => value)).size).toBe(1);
      }
      expect(lines.every(({ labels }) => !String(labels.step).includes('['))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('the buckets of a histogram hold everything that was observed, in growing numbers', () => {
  fc.assert(
    fc.property(runHistories, (events) => {
      const metricValues = valuesOf(events);
      for (const metric of runMetrics.filter(({ type }) => type === 'histogram')) {
        const lines = metricValues.lines(metric);
        const counts = lines.filter(({ metricName }) => metricName.endsWith('_count'));
        for (const { labels, value } of counts) {
          const buckets = lines.filter(
            (line) =>
              line.labels.le !== undefined &&
              lineOf('', { ...line.labels, le: 0 }) === lineOf('', { ...labels, le: 0 }),
          );
          const values = buckets.map((bucket) => bucket.value);
          expect(values).toEqual([...values].sort((a, b) => a - b));
          expect(buckets.at(-1)).toMatchObject({ labels: { le: '+Inf' }, value });
        }
      }
    }),
    { numRuns: 100 },
  );
});
