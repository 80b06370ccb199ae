import {
  approvalEvents,
  artifactEvents,
  planEvents,
  policyEvents,
  runEvents,
  type TopicSpec,
  toolEvents,
} from '@interlock/contracts';
import { ProjectionRows, type ReadingBroker, type RuleListener, RuleReader } from '@interlock/projection';
import { measured } from './definition.js';
import { logClaims, logFenced } from './log.metrics.js';
import { MetricValues } from './metric.values.js';
import { runMeasures } from './run.measures.js';

/** Read whole: the first for what happens in runs, the others for who holds their partitions. */
const topics: readonly TopicSpec[] = [
  runEvents,
  planEvents,
  policyEvents,
  toolEvents,
  approvalEvents,
  artifactEvents,
];

/** The metrics of the whole log, as of the offsets of its readers. Every process that keeps them shows the same. */
export class LogMetricValues {
  readonly values = new MetricValues();
  readonly readers: RuleReader[] = [];
  readonly #runs = new ProjectionRows(runMeasures, (measurement) => this.values.add(measurement));
  #isStarted = false;

  constructor(
    private readonly broker: ReadingBroker,
    private readonly troubled: (reader: RuleReader, error: Error) => void,
  ) {}

  /**
   * Whether everything that was there at the start is counted. Before that nothing may be shown: a count that grows from 0 again looks like
   * that many new events.
   */
  get isRead(): boolean {
    return this.#isStarted && this.readers.every(({ isRead }) => isRead);
  }

  /** Readers that cannot go on: their metrics are as of where they stand. */
  get stopped(): RuleReader[] {
    return this.readers.filter(({ trouble }) => trouble !== undefined);
  }

  async start(): Promise<void> {
    for (const topic of topics) {
      const partitions = await this.broker.partitions(topic.name);
      for (let partition = 0; partition < partitions; partition++) await this.#read(topic, partition);
    }
    this.#isStarted = true;
  }

  async stop(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.stop()));
  }

  async #read(topic: TopicSpec, partition: number): Promise<void> {
    const listener: RuleListener = {
      accepted: (record) => {
        if (topic === runEvents) this.#runs.take(record);
      },
      claimed: () => this.values.add(measured(logClaims, { topic: topic.name })),
      ignored: () => this.values.add(measured(logFenced, { topic: topic.name })),
      stopped: (error) => this.troubled(reader, error),
    };
    const reader: RuleReader = new RuleReader(this.broker, topic, partition, listener);
    this.readers.push(reader);
    await reader.start();
  }
}
