/** One metric: what it is called, what it counts, and by what it is divided. Never by anything that has a value for each run. */
export interface MetricDefinition<Label extends string = string> {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds of the buckets, in seconds or as shares. Only for a histogram. */
  readonly buckets?: readonly number[];
}

/** What one event adds to a metric: to a counter or gauge so much, to a histogram one observation of so much. */
export interface Measurement {
  readonly metric: MetricDefinition;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export const measured = <Label extends string>(
  metric: MetricDefinition<Label>,
  labels: Readonly<Record<NoInfer<Label>, string>>,
  value = 1,
): Measurement => ({ metric, labels, value });

export const counter = <const Label extends string>(
  name: string,
  help: string,
  labels: readonly Label[],
): MetricDefinition<Label> => ({ name, type: 'counter', help, labels });

export const gauge = <const Label extends string>(
  name: string,
  help: string,
  labels: readonly Label[],
): MetricDefinition<Label> => ({ name, type: 'gauge', help, labels });

export const histogram = <const Label extends string>(
  name: string,
  help: string,
  labels: readonly Label[],
  buckets: readonly number[],
): MetricDefinition<Label> => ({ name, type: 'histogram', help, labels, buckets });
