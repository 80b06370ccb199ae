import { brokerContract } from '@interlock/broker/contract';
import { type AppendFaults, noFaults, SimulatedCluster, SimulatedProcess, type World } from './index.js';

/** Real time a hundredfold, so that a session timeout takes 60 ms. */
const SPEED = 100;

const world: World = {
  now: () => Date.now() * SPEED,
  after: (delayMs, task) => void setTimeout(task, delayMs / SPEED),
  random: () => Math.random(),
};

brokerContract('simulated', async () => {
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
        const held = cluster.holdNextAppend();
        return { land: async () => held.land() };
      },
    },
    close: async () => {
      process.alive = false;
    },
  };
});
