// npm run bench: what a governed step costs, on the embedded log and on Kafka. See options.mjs.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { crash } from './crash.mjs';
import { inProcess } from './driver.mjs';
import { gatesOf } from './gates.mjs';
import { governedStep } from './governed-step.mjs';
import { longRun } from './long-run.mjs';
import { loop } from './loop.mjs';
import { HELP, optionsOf } from './options.mjs';
import { root, startSystem } from './systems.mjs';
import { report } from './table.mjs';
import { wake } from './wake.mjs';

const workloads = { 'governed-step': governedStep, wake, crash, 'long-run': longRun, loop };
const startedAt = new Date();
const progress = (text) => {
  const seconds = ((Date.now() - startedAt.getTime()) / 1_000).toFixed(0);
  process.stdout.write(`${seconds.padStart(4)} s  ${text}\n`);
};

const options = read();
const home = join(root, '.interlock', 'bench');
const file = options.json ?? join(home, `${startedAt.toISOString().replaceAll(':', '-')}.json`);
const results = { at: startedAt.toISOString(), node: process.version, cpus: cpus().length, options };
for (const broker of options.brokers) results[broker] = await measure(broker);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
for (const broker of options.brokers) process.stdout.write(`${report(broker, results[broker])}\n`);
process.stdout.write(`\nall figures: ${file}\n`);
process.exit(0);

async function measure(broker) {
  const dir = join(home, `${broker}-${process.pid}`);
  progress(`${broker}: floors`);
  const found = { floors: await floors(broker, dir) };
  for (const name of options.only) {
    found[name] = await workloads[name](broker, join(dir, name), options, progress);
  }
  if (!options.keep) rmSync(dir, { recursive: true, force: true });
  return { ...found, gates: gatesOf(broker, found) };
}

/** On a log of the same kind with nothing else going on. */
async function floors(broker, dir) {
  const own = join(dir, 'floors');
  if (broker === 'embedded') {
    return inProcess('./floors.process.mjs', { dir: own, log: { broker, directory: join(own, 'log') } });
  }
  const system = await startSystem(broker, dir);
  try {
    return await inProcess('./floors.process.mjs', { dir: own, log: system.brokerTask });
  } finally {
    await system.close();
  }
}

function read() {
  let given;
  try {
    given = optionsOf(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${HELP}\n`);
    process.exit(2);
  }
  if (given.help) {
    process.stdout.write(`${HELP}\n`);
    process.exit(0);
  }
  return given;
}
