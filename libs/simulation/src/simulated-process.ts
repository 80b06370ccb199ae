import type { Runtime } from '@interlock/actors';
import type { Broker } from '@interlock/broker';
import { type SimulatedCluster, SimulatedProcess } from '@interlock/broker/simulated';
import type { VirtualTime } from './virtual-time.js';

/** One process of the simulation: its broker, its clock, and nothing that survives it. */
export class ProcessUnderTest {
  readonly process: SimulatedProcess;
  readonly broker: Broker;
  readonly runtime: Runtime;

  /** @param skewMs how far its clock is ahead */
  constructor(
    readonly name: string,
    readonly cluster: SimulatedCluster,
    time: VirtualTime,
    random: () => number,
    skewMs = 0,
  ) {
    this.process = new SimulatedProcess(name);
    this.broker = cluster.connect(this.process);
    const inProcess = (task: () => void) => () => this.process.run(task);
    this.runtime = {
      clock: { now: () => Math.floor(time.now()) + skewMs },
      random: { next: random },
      scheduler: {
        after: (delayMs, task) => time.after(delayMs, inProcess(task)),
        soon: (task) => queueMicrotask(inProcess(task)),
      },
    };
  }

  /** kill -9 */
  kill(): void {
    this.process.alive = false;
    this.cluster.noticeGone(this.process);
  }

  /** SIGSTOP */
  suspend(): void {
    this.process.asleep = true;
    this.cluster.noticeGone(this.process);
  }

  /** SIGCONT */
  wake(): void {
    this.process.wake();
  }
}
