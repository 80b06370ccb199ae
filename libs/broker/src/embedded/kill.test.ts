import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAll, textOf } from '../contract/under-test.js';
import { DirectoryInUseError } from './errors.js';
import { openEmbeddedBroker } from './open.js';

const KILLS = 10;

/** Lets a plain Node process run the sources: `./x.js` is `./x.ts` there. */
const SOURCES = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve(name, context, next) {
    return next(name.startsWith('.') && context.parentURL?.endsWith('.ts') ? name.replace(/\\.js$/, '.ts') : name, context);
  } });`)}`;

let directory: string;
let children: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'killed-log-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) await kill(child);
  rmSync(directory, { recursive: true });
});

test(`everything acknowledged is there after each of ${KILLS} kills`, { timeout: 60_000 }, async () => {
  const acknowledged: { partition: number; offset: number; value: string }[] = [];
  for (let run = 0; run < KILLS; run++) {
    const enough = 5 + run * 20;
    // Every other time at the worst moment: in the very turn of an answer.
    const { child, lines } = start(`${run}`, run % 2 === 0 ? enough : 0);
    let count = 0;
    for await (const line of lines) {
      const [partition, offset, value = ''] = line.split(' ');
      if (partition === 'open') continue;
      acknowledged.push({ partition: Number(partition), offset: Number(offset), value });
      count += 1;
      if (count === enough) child.kill('SIGKILL');
    }
    expect(count).toBeGreaterThanOrEqual(enough);
    await expectAll(acknowledged);
  }
});

test('a second process is refused, and told which one has the directory', { timeout: 20_000 }, async () => {
  const { child, lines } = start('first');
  const opened = await lines[Symbol.asyncIterator]().next();
  expect(opened.value).toBe('open');

  const refused = await openEmbeddedBroker({ directory }).catch((error) => error);

  expect(refused).toBeInstanceOf(DirectoryInUseError);
  expect(refused.message).toContain(directory);
  expect(refused.message).toContain(`process ${child.pid}`);
  await kill(child);
  const broker = await openEmbeddedBroker({ directory });
  await broker.close();
});

function start(run: string, killAt = 0) {
  const script = join(import.meta.dirname, 'kill.child.ts');
  const flags = ['--experimental-transform-types', '--no-warnings', '--import', SOURCES];
  const child = spawn(process.execPath, [...flags, script, directory, run, `${killAt}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return { child, lines: createInterface(child.stdout) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });
}

/** Every acknowledged pair is where it was said to be, and no pair is there by half. */
async function expectAll(acknowledged: readonly { partition: number; offset: number; value: string }[]) {
  const broker = await openEmbeddedBroker({ directory });
  const stored = [await readAll(broker, 'killed', 0), await readAll(broker, 'killed', 1)];
  await broker.close();
  const values = stored.map((records) => records.map(textOf));
  for (const { partition, offset, value } of acknowledged) {
    expect(values[partition]?.slice(offset, offset + 2)).toEqual([value, value]);
  }
  for (const [partition, records] of stored.entries()) {
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, at) => at));
    for (let at = 0; at < records.length; at += 2) {
      expect(values[partition]?.[at]).toBe(values[partition]?.[at + 1]);
    }
  }
}
