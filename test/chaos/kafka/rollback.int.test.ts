import { rollbackScenarios } from '../../e2e/rollback.scenarios.ts';
import { orderEnvironment, type RollbackSystem } from '../../e2e/rollback.system.ts';
import { KafkaSystem } from './kafka.system.ts';

rollbackScenarios('Kafka', startOnKafka);

/** The executor is a process of its own, since only it dies. All share one clock. */
async function startOnKafka(ordersUrl: string): Promise<RollbackSystem> {
  const environment = { ...orderEnvironment(ordersUrl), INTERLOCK_CLOCK_SKEW_MS: '500' };
  const system = await KafkaSystem.start({ environment, apart: ['tool-executor'] });
  return {
    client: system.client,
    async killExecutor() {
      await system.takeAway('tool-executor');
      await system.bringBack('tool-executor');
    },
    async finish() {
      const stubborn = await system.stopServices();
      if (stubborn.length > 0) throw new Error(`${stubborn.join(', ')} did not stop`);
      return system.recorder.complete();
    },
    remove: () => system.stop(),
  };
}
