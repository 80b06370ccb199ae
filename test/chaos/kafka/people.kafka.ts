import { join } from 'node:path';
import { Forger } from '../../e2e/forger.ts';
import { type PeopleSystem, tillModule } from '../../e2e/people.system.ts';
import { newPlace } from '../../e2e/place.ts';
import type { VotingSystem } from '../votes.scenario.ts';
import { KafkaSystem } from './kafka.system.ts';
import type { ServiceName } from './service.process.ts';

/** On a real Kafka, with the till; the services that the scenarios kill or take away have processes of their own. */
async function start(apart: readonly ServiceName[]) {
  const till = await newPlace('till');
  const tillFile = join(till.directory, 'till.jsonl');
  const system = await KafkaSystem.start({
    environment: { INTERLOCK_MODULES: tillModule, TILL_FILE: tillFile },
    apart,
  });
  const known = {
    url: system.client.url,
    keys: system.client.keys,
    tillFile,
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
  return { system, known };
}

export async function startOnKafka(): Promise<PeopleSystem> {
  const { system, known } = await start(['orchestrator', 'approval', 'policy']);
  return {
    ...known,
    get metricsUrl() {
      return system.service('telemetry').url ?? 'nowhere';
    },
    takeAway: (...services) => system.takeAway(...services),
    bringBack: () => system.bringBack(),
    async forge(work) {
      await work(new Forger(system.recorder.broker));
    },
  };
}

export async function startVotingOnKafka(victims: readonly ServiceName[]): Promise<VotingSystem> {
  const { system, known } = await start(victims);
  return {
    ...known,
    kill: (victim) => system.service(victim as ServiceName).kill(),
    ready: () => system.ready(),
  };
}
