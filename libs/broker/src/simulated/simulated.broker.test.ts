import { brokerContract } from '@interlock/broker/contract';
import { type AppendFaults, noFaults, SimulatedCluster, SimulatedProcess, type World } from './index.js';

/**
 * Time that goes by with what happens in it: tasks run one by one in the order of their times, each with all that follows from it at
 * once. So nothing times out because the machine is busy.
 */
class OrderedTime implements World {
  #now = Date.UTC(2026, 0, 1);
  readonly #tasks: { readonly due: number; readonly task: () => void }[] = [];
  #isRunning = false;

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): void {
    const due = this.#now + delayMs;
    const place = this.#tasks.findLastIndex((one) => one.due <= due) + 1;
    this.#tasks.splice(place, 0, { due, task });
    this.#run();
  }

  random(): number {
    return Math.random();
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => {
      this.#isRunning = false;
      const next = this.#tasks.shift();
      if (next === undefined) return;
      this.#now = next.due;
      this.#run();
      next.task();
    });
  }
}

brokerContract('simulated', async () => {
  const world = new OrderedTime();
  const cluster = new SimulatedCluster(world);
  let process = new SimulatedProcess('contract');
  const once = (fault: Partial<AppendFaults>) => {
    cluster.nextAppend = { ...noFaults(), ...fault };
  };
  const broker = cluster.connect(process);
  return {
    broker,
    restart: async () => {
      await broker.close();
      await new Promise<void>((landed) => world.after(2 * cluster.latencies.appendMax, landed));
      process.alive = false;
      process = new SimulatedProcess('again');
      return cluster.connect(process);
    },
    faults: {
      loseAnswer: () => once({ answerLost: 1 }),
      loseAppend: () => once({ lost: 1 }),
      repeatAppend: () => once({ repeated: 1 }),
      delayAppend: () => {
        const delayed = cluster.holdNextAppend();
        return { land: async () => delayed.land() };
      },
    },
    close: async () => {
      process.alive = false;
    },
  };
});
