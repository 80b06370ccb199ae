import { Gauge } from 'prom-client';
import type { Metrics } from './metrics.js';

/** A partition that does not go on in this process until somebody has done something. */
export interface StoppedPartition {
  readonly topic: string;
  readonly partition: number;
  /** `people`: they have to look; `upgrade`: a newer release writes what this one cannot read. */
  readonly needs: 'people' | 'upgrade';
}

type Stopped = () => Iterable<StoppedPartition> | Promise<Iterable<StoppedPartition>>;

/** Which partitions stand still in this process, by what reads them: what `/readyz` says in words, for alerts. */
export class StoppedPartitions {
  readonly #readers = new Map<string, Stopped>();

  constructor(metrics: Metrics) {
    const gauge: Gauge<string> = new Gauge({
      name: 'interlock_partition_stopped',
      help: '1: this partition stands still in this process, and waits for people or for an upgrade; /readyz says why',
      labelNames: ['reader', 'topic', 'partition', 'needs'],
      registers: [metrics],
      collect: () => this.#show(gauge),
    });
  }

  /** @param stopped asked at every scrape */
  add(reader: string, stopped: Stopped): void {
    this.#readers.set(reader, stopped);
  }

  async #show(gauge: Gauge<string>): Promise<void> {
    const found = await Promise.all(
      [...this.#readers].map(async ([reader, stopped]) => ({ reader, stopped: [...(await stopped())] })),
    );
    gauge.reset();
    for (const { reader, stopped } of found) {
      for (const { topic, partition, needs } of stopped)
        gauge.set({ reader, topic, partition: String(partition), needs }, 1);
    }
  }
}
