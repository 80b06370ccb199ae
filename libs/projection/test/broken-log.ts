import { SimulatedCluster } from '@interlock/broker/simulated';
import { runEvents, topics } from '@interlock/contracts';
import { ProcessUnderTest, seededRandom, VirtualTime } from '@interlock/simulation';
import { completed, recorded, requestedCall, started } from './run-events.js';
import { RunLog } from './run-log.js';

export const BROKEN = 0;
export const WHOLE = 1;

/** Two partitions of `run.events` on a simulated cluster; in the first, an accepted event may be made that is not what its type says. */
export class BrokenLog {
  readonly under: ProcessUnderTest;
  /** `LEVEL: TEXT` of what the process under test has noted. */
  readonly notes: string[] = [];
  readonly #time: VirtualTime;
  readonly #logs: readonly RunLog[];

  private constructor(
    service: string,
    readonly cluster: SimulatedCluster,
    time: VirtualTime,
  ) {
    this.#time = time;
    this.under = new ProcessUnderTest(service, cluster, time, seededRandom(2));
    this.#logs = [BROKEN, WHOLE].map((partition) => {
      const log = new RunLog((records) => void cluster.stored(runEvents.name, partition).land(records));
      log.claim();
      return log;
    });
  }

  /** @param service whose process reads it */
  static readBy(service: string): BrokenLog {
    const time = new VirtualTime(0);
    const after = (ms: number, task: () => void) => void time.after(ms, task);
    const cluster = new SimulatedCluster({ now: () => time.now(), after, random: seededRandom(1) });
    for (const topic of topics) cluster.create(topic, 2);
    return new BrokenLog(service, cluster, time);
  }

  readonly note = (level: string, what: string): void => void this.notes.push(`${level}: ${what}`);

  /** Where a partition of a topic ends. */
  endOf(topic: string, partition: number): number {
    return this.cluster.stored(topic, partition).bounds.end;
  }

  /** Lets pass more time than anything waits before it tries again. */
  async pass(): Promise<void> {
    await new Promise((resolve) => void setImmediate(resolve));
    await this.#time.runUntil(this.#time.now() + 60_000, () => false);
  }

  /** Writes a whole run. */
  live(partition: number, n: number): void {
    const log = this.#logs[partition];
    log?.append(`run-${n}`, [started(n), requestedCall(n), recorded(n), completed]);
  }

  /** The broken event comes at offset 6, between whole runs. The other partition holds two runs. */
  writeBroken(): void {
    for (const partition of [BROKEN, WHOLE]) this.live(partition, partition);
    this.#logs[BROKEN]?.append('run-2', [
      ['run.started/1', Buffer.from('{')],
      ['run.completed/1', Buffer.from('{')],
    ]);
    for (const partition of [BROKEN, WHOLE]) this.live(partition, 3 + partition);
  }
}
