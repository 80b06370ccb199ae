import type { Measurement, MetricDefinition } from './definition.js';

/** Series of one metric at most; further ones are counted under labels that all say `other`. */
export const SERIES_MAX = 2_000;

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram: the sum of what was observed. */
  value: number;
  /** Of a histogram: observations by bucket, each without those of the smaller ones; the last is beyond all bounds. */
  readonly counts: number[] | undefined;
}

/** A line of the Prometheus text form, as prom-client renders it. */
export interface MetricLine {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The values of the metrics, by metric and labels: sums of everything measured. */
export class MetricValues {
  readonly #metrics = new Map<string, Map<string, Series>>();

  add({ metric, labels, value }: Measurement): void {
    const series = this.#series(metric, labels);
    series.value += value;
    if (series.counts === undefined) return;
    const bucket = bucketOf(metric.buckets ?? [], value);
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
  }

  /** Of a metric, every line that a scrape shows. */
  lines(metric: MetricDefinition): MetricLine[] {
    const all = [...(this.#metrics.get(metric.name)?.values() ?? [])];
    if (metric.type !== 'histogram')
      return all.map(({ labels, value }) => ({ metricName: metric.name, labels, value: rounded(value) }));
    return all.flatMap((series) => histogramLines(metric, series));
  }

  #series(metric: MetricDefinition, labels: Readonly<Record<string, string>>): Series {
    let known = this.#metrics.get(metric.name);
    if (known === undefined) {
      known = new Map();
      this.#metrics.set(metric.name, known);
    }
    const key = keyOf(metric, labels);
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= SERIES_MAX && labels !== otherOf(metric)) return this.#series(metric, otherOf(metric));
    const counts = metric.buckets === undefined ? undefined : new Array(metric.buckets.length + 1).fill(0);
    const series: Series = { labels, value: 0, counts };
    known.set(key, series);
    return series;
  }
}

const keyOf = ({ labels: names }: MetricDefinition, labels: Readonly<Record<string, string>>): string =>
  names.map((name) => labels[name]).join('\u0000');

const others = new Map<MetricDefinition, Readonly<Record<string, string>>>();

function otherOf(metric: MetricDefinition): Readonly<Record<string, string>> {
  let labels = others.get(metric);
  if (labels === undefined) {
    labels = Object.fromEntries(metric.labels.map((name) => [name, 'other']));
    others.set(metric, labels);
  }
  return labels;
}

function bucketOf(bounds: readonly number[], value: number): number {
  const found = bounds.findIndex((bound) => value <= bound);
  return found < 0 ? bounds.length : found;
}

function histogramLines({ name, buckets = [] }: MetricDefinition, series: Series): MetricLine[] {
  const { labels, value, counts = [] } = series;
  let below = 0;
  const lines: MetricLine[] = [...buckets, '+Inf'].map((le, place) => {
    below += counts[place] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below };
  });
  return [
    ...lines,
    { metricName: `${name}_sum`, labels, value: rounded(value) },
    { metricName: `${name}_count`, labels, value: below },
  ];
}

/** Millionths: sums of seconds and dollars show no trace of binary fractions. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
