import { APPEND_BYTES_MAX, type NewRecord, type Offset, type Producer } from '../broker.js';
import { AppendTooLargeError, OutcomeUnknownError } from '../errors.js';
import type { SimulatedCluster, SimulatedProcess } from './simulated.cluster.js';
import { copyOf, type StoredPartition } from './stored-topic.js';

interface Pending {
  settle(outcome: { readonly offset: Offset } | { readonly error: Error }): void;
}

/** Appends with all three outcomes of an unanswered one: there, not there, and there later. */
export class SimulatedProducer implements Producer {
  readonly #pending = new Set<Pending>();
  #closed = false;
  /** When the last append that lands in order lands. */
  #landsAt = 0;

  constructor(
    readonly cluster: SimulatedCluster,
    readonly process: SimulatedProcess,
  ) {}

  async append(topic: string, partition: number, records: readonly NewRecord[]): Promise<Offset> {
    const stored = this.cluster.stored(topic, partition);
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
    if (bytes > APPEND_BYTES_MAX) throw new AppendTooLargeError(topic, bytes, APPEND_BYTES_MAX);
    if (this.#closed) throw new OutcomeUnknownError(topic, partition, new Error('the producer is closed'));
    return this.#send(stored, records.map(copyOf));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const pending of this.#pending) pending.settle({ error: new Error('the producer was closed') });
  }

  #late(): number {
    const { world, latencies, faults } = this.cluster;
    return latencies.appendTimeout * world.random() + world.random() * faults.lateMsMax;
  }

  /** One connection: what is sent later does not land earlier. */
  #inOrder(delay: number): number {
    const now = this.cluster.world.now();
    this.#landsAt = Math.max(this.#landsAt, now + delay);
    return this.#landsAt - now;
  }

  #send(stored: StoredPartition, records: readonly NewRecord[]): Promise<Offset> {
    const { world, latencies } = this.cluster;
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        settle: (outcome) => {
          if (!this.#pending.delete(pending)) return;
          this.process.run(() => {
            if ('offset' in outcome) resolve(outcome.offset);
            else reject(new OutcomeUnknownError(stored.topic, stored.partition, outcome.error));
          });
        },
      };
      this.#pending.add(pending);
      world.after(latencies.appendTimeout, () => pending.settle({ error: new Error('timed out') }));
      const way = () => world.random() * latencies.appendMax;
      const delayed = this.cluster.takeDelayed();
      if (delayed !== undefined) {
        delayed.land = () => void stored.land(records);
        return;
      }
      const fate = fateOf(world.random(), this.cluster.takeFaults());
      if (fate === 'lost') return;
      const delay = fate === 'late' ? this.#late() : this.#inOrder(way());
      world.after(delay, () => {
        const offset = stored.land(records);
        if (fate === 'repeated') stored.land(records);
        if (fate === 'clean' || fate === 'repeated') world.after(way(), () => pending.settle({ offset }));
      });
    });
  }
}

type Fate = 'clean' | 'lost' | 'answerLost' | 'late' | 'repeated';

function fateOf(chance: number, faults: SimulatedCluster['faults']): Fate {
  let edge = 0;
  for (const fate of ['lost', 'answerLost', 'late', 'repeated'] as const) {
    edge += faults[fate];
    if (chance < edge) return fate;
  }
  return 'clean';
}

function sizeOf({ key, headers, value }: NewRecord): number {
  let bytes = key.length + (value?.length ?? 0);
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}
