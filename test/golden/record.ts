// Records a golden log: what this release writes, and what it finds in it. Build first. See README.md here.
//   node test/golden/record.ts seed 13                        the simulated product, with the faults of that seed
//   node test/golden/record.ts directory NAME DATA_DIRECTORY  the log of a system that has stopped
import { writeFileSync } from 'node:fs';
import { openEmbeddedBroker } from '@interlock/broker/embedded';
import { simulate } from '@interlock/simulation';
import { readEverything } from '../e2e/stored.log.ts';
import { product } from '../simulation/product.ts';
import { foundIn, type GoldenLog, readGolden, writeGolden } from './golden.log.ts';

const [kind, name = '', directory = ''] = process.argv.slice(2);
if (kind === 'seed') await record(`seed-${name}`, (await simulate(Number(name), product)).view.topics);
else if (kind === 'directory') await record(name, await storedIn(directory));
else throw new Error('say `seed NUMBER` or `directory NAME DATA_DIRECTORY`');

async function storedIn(directory: string): Promise<GoldenLog> {
  const broker = await openEmbeddedBroker({ directory });
  try {
    return await readEverything(broker);
  } finally {
    await broker.close();
  }
}

async function record(file: string, log: GoldenLog): Promise<void> {
  writeGolden(file, log);
  const found = await foundIn(readGolden(file));
  writeFileSync(new URL(`${file}.json`, import.meta.url), `${JSON.stringify(found, undefined, 2)}\n`);
  process.stdout.write(`${file}: ${Object.keys(found.runs).length} runs\n`);
}
