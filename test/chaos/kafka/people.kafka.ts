import { join } from 'node:path';
import { Forger } from '../../e2e/forger.ts';
import { type PeopleSystem, tillModule } from '../../e2e/people.system.ts';
import { newPlace } from '../../e2e/place.ts';
import { KafkaSystem } from './kafka.system.ts';

/** One process a service, on a real Kafka. */
export async function startOnKafka(): Promise<PeopleSystem> {
  const till = await newPlace('till');
  const tillFile = join(till.directory, 'till.jsonl');
  const system = await KafkaSystem.start({
    environment: { INTERLOCK_MODULES: tillModule, TILL_FILE: tillFile },
  });
  return {
    url: system.client.url,
    get metricsUrl() {
      return system.service('telemetry').url ?? 'nowhere';
    },
    keys: join(system.place.directory, 'data', 'gateway'),
    tillFile,
    takeAway: (...services) => system.takeAway(...services),
    bringBack: () => system.bringBack(),
    async forge(work) {
      await work(new Forger(system.recorder.broker));
    },
    async finish() {
      const stubborn = await system.stopServices();
      if (stubborn.length > 0) throw new Error(`${stubborn.join(', ')} did not stop`);
      return system.recorder.complete();
    },
    async remove() {
      await system.stop();
      await till.remove();
    },
  };
}
