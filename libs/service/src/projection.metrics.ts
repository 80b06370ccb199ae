import type { Broker } from '@interlock/broker';
import { Gauge } from 'prom-client';
import type { Metrics } from './metrics.js';

/** How far something that is folded from a topic has come. */
export interface AsOf {
  readonly topic: string;
  readonly partition: number;
  /** The next offset it will take. */
  readonly offset: number;
}

const labelNames = ['projection', 'topic', 'partition'] as const;

/** As of which offset every projection of the process is, and how many records behind the end of its topic. */
export class ProjectionMetrics {
  readonly #projections = new Map<string, () => Iterable<AsOf>>();
  #asked: Promise<void> | undefined;

  constructor(
    private readonly broker: Pick<Broker, 'bounds'>,
    metrics: Metrics,
  ) {
    const registers = [metrics];
    const offset: Gauge<string> = new Gauge({
      name: 'interlock_projection_offset',
      help: 'The next offset the projection takes: what it shows is as of everything in front of it',
      labelNames,
      registers,
      collect: () => this.#collect(offset, lag),
    });
    const lag: Gauge<string> = new Gauge({
      name: 'interlock_projection_lag_records',
      help: 'Records of the partition that the projection has not taken',
      labelNames,
      registers,
      collect: () => this.#collect(offset, lag),
    });
  }

  /** @param asOf asked at every scrape */
  add(projection: string, asOf: () => Iterable<AsOf>): void {
    this.#projections.set(projection, asOf);
  }

  /** Both gauges of a scrape say the same instant. */
  #collect(offset: Gauge<string>, lag: Gauge<string>): Promise<void> {
    this.#asked ??= this.#ask(offset, lag).finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  async #ask(offset: Gauge<string>, lag: Gauge<string>): Promise<void> {
    const places = [...this.#projections].flatMap(([projection, asOf]) =>
      [...asOf()].map((place) => ({ projection, ...place })),
    );
    const ends = new Map<string, number | undefined>();
    for (const { topic, partition } of places) {
      const key = `${topic}/${partition}`;
      if (ends.has(key)) continue;
      // While a leader moves nobody knows the end: the place is shown, and how far it is behind is not.
      const end = await this.broker.bounds(topic, partition).then(
        (bounds) => bounds.end,
        () => undefined,
      );
      ends.set(key, end);
    }
    offset.reset();
    lag.reset();
    for (const { projection, topic, partition, offset: next } of places) {
      const labels = { projection, topic, partition: String(partition) };
      offset.set(labels, next);
      const end = ends.get(`${topic}/${partition}`);
      if (end !== undefined) lag.set(labels, Math.max(0, end - next));
    }
  }
}
