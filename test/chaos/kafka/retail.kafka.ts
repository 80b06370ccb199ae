import { Forger } from '../../e2e/forger.ts';
import { openRetailDesk, type RetailSystem } from '../../e2e/retail.system.ts';
import { KafkaSystem } from './kafka.system.ts';

/** On a real Kafka, with the retail desk and a model; the orchestrator, which a scenario takes away, has a process of its own. */
export async function startRetailOnKafka(): Promise<RetailSystem> {
  const desk = await openRetailDesk();
  const system = await KafkaSystem.start({
    environment: desk.environment,
    apart: ['orchestrator'],
  }).catch(async (error: unknown) => {
    await desk.remove();
    throw error;
  });
  return {
    desk,
    url: system.client.url,
    keys: system.client.keys,
    get metricsUrl() {
      return system.service('telemetry').url ?? 'nowhere';
    },
    async forge(work) {
      await system.takeAway('orchestrator');
      await work(new Forger(system.recorder.broker));
      await system.bringBack();
    },
    async finish() {
      const stubborn = await system.stopServices();
      if (stubborn.length > 0) throw new Error(`${stubborn.join(', ')} did not stop`);
      return system.recorder.complete();
    },
    async remove() {
      await system.stop();
      await desk.remove();
    },
  };
}
