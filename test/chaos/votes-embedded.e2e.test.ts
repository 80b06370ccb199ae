import { join } from 'node:path';
import { tillModule } from '../e2e/people.system.ts';
import { newPlace } from '../e2e/place.ts';
import { readStoredLog } from '../e2e/stored.log.ts';
import { type StartedSystem, spawnSystem } from '../e2e/system.process.ts';
import { type VotingSystem, votesSurvive } from './votes.scenario.ts';

/** Every service in one process on the embedded log: whoever is killed, all are. */
async function startOnEmbedded(): Promise<VotingSystem> {
  const place = await newPlace('votes');
  const dataDir = join(place.directory, 'data');
  const tillFile = join(place.directory, 'till.jsonl');
  const start = (): Promise<StartedSystem> =>
    spawnSystem({ dataDir, environment: { INTERLOCK_MODULES: tillModule, TILL_FILE: tillFile } });
  let system = await start();
  await system.ready();
  return {
    get url() {
      return system.client.url;
    },
    keys: join(dataDir, 'keys'),
    tillFile,
    async kill() {
      await system.stop('SIGKILL');
      system = await start();
    },
    async ready() {
      await system.ready();
    },
    async finish() {
      await system.stop();
      return readStoredLog(dataDir);
    },
    async remove() {
      await system.stop('SIGKILL');
      await place.remove();
    },
  };
}

const KILLS = Number(process.env.VOTES_KILLS ?? 6);

votesSurvive(startOnEmbedded, Array<string>(KILLS).fill('everything'), { isExecutorKilled: true });
