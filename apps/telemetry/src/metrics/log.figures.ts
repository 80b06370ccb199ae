import type { Broker } from '@interlock/broker';
import {
  approvalEvents,
  artifactEvents,
  catalogueOf,
  planEvents,
  policyEvents,
  runEvents,
  type TopicSpec,
  toolEvents,
} from '@interlock/contracts';
import type { Accepted } from '@interlock/log';
import { measured } from './definition.js';
import { Figures } from './figures.js';
import { logClaims, logFenced } from './log.metrics.js';
import { type LogListener, LogReader } from './log.reader.js';
import type { LoggedRunEvent } from './open.run.js';
import { measuredTypes, RunMeasures } from './run.measures.js';

/** Read whole: the first for what happens in runs, the others for who holds their partitions. */
const topics: readonly TopicSpec[] = [
  runEvents,
  planEvents,
  policyEvents,
  toolEvents,
  approvalEvents,
  artifactEvents,
];
const runCatalogue = catalogueOf(runEvents);

/** The figures of the whole log, as of the offsets of its readers. Every process that keeps them shows the same. */
export class LogFigures implements LogListener {
  readonly figures = new Figures();
  readonly #measures = new RunMeasures();
  readonly readers: LogReader[] = [];
  #isStarted = false;

  constructor(
    private readonly broker: Broker,
    private readonly troubled: (reader: LogReader, error: Error) => void,
  ) {}

  /**
   * Whether everything that was there at the start is counted. Before that nothing may be shown: a count that grows again from 0 looks
   * like as many new events to whoever watches it.
   */
  get isRead(): boolean {
    return this.#isStarted && this.readers.every(({ isRead }) => isRead);
  }

  /** Readers that cannot go on: their figures are as of where they stand. */
  get stopped(): LogReader[] {
    return this.readers.filter(({ trouble }) => trouble !== undefined);
  }

  async start(): Promise<void> {
    for (const spec of topics) {
      const partitions = await this.broker.partitions(spec.name);
      for (let partition = 0; partition < partitions; partition++) {
        const reader: LogReader = new LogReader(this.broker, spec, partition, this, (error) =>
          this.troubled(reader, error),
        );
        this.readers.push(reader);
        await reader.start();
      }
    }
    this.#isStarted = true;
  }

  async stop(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.stop()));
  }

  accepted(topic: string, { wire, meta, record }: Accepted): void {
    if (topic !== runEvents.name || meta.run === undefined || !isMeasured(wire)) return;
    const { type, data } = runCatalogue.trusted(wire, record.value);
    const event = { type, data, id: meta.id, run: meta.run, time: meta.time } as LoggedRunEvent;
    for (const measurement of this.#measures.take(event)) this.figures.add(measurement);
  }

  claimed(topic: string): void {
    this.figures.add(measured(logClaims, { topic }));
  }

  fenced(topic: string): void {
    this.figures.add(measured(logFenced, { topic }));
  }
}

const isMeasured = (wire: string): boolean =>
  runCatalogue.knows(wire) &&
  (measuredTypes as ReadonlySet<string>).has(wire.slice(0, wire.lastIndexOf('/')));
