import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from '../e2e/place.ts';

/** A copy of this checkout with its libraries built and two applications that are not: nobody else's build is touched. */
let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('nest-build');
  for (const name of ['apps', 'libs', 'nest-cli.json', 'package.json', 'tsconfig.base.json'])
    cpSync(name, join(place.directory, name), { recursive: true });
  linkModules(resolve('node_modules'), join(place.directory, 'node_modules'));
  for (const app of ['policy', 'cli'])
    rmSync(join(place.directory, 'apps', app, 'dist'), { recursive: true });
});
afterAll(() => place.remove());

/** Links to what is installed; the packages of ours are those of the copy. */
function linkModules(from: string, to: string): void {
  mkdirSync(join(to, '@interlock'), { recursive: true });
  for (const name of readdirSync(from))
    if (name !== '@interlock') symlinkSync(join(from, name), join(to, name));
  for (const group of ['libs', 'apps'])
    for (const one of readdirSync(group))
      symlinkSync(
        join(place.directory, group, one),
        join(to, '@interlock', group === 'libs' ? one : `app-${one}`),
      );
}

/** Not the synchronous one: a build outlasts what the test runner waits for a worker that does not answer. */
const run = promisify(execFile);
const node = (...args: string[]) => run(process.execPath, args, { cwd: place.directory });

test('npx nest build makes a service that starts and stops, and a command line that runs', async () => {
  await node('node_modules/@nestjs/cli/bin/nest.js', 'build', 'policy', 'cli');

  const policy = spawn(process.execPath, ['apps/policy/dist/main.js'], {
    cwd: place.directory,
    env: { PATH: process.env.PATH, INTERLOCK_DATA_DIR: join(place.directory, 'data') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(policy, 'exit');
  for await (const line of createInterface(policy.stderr)) {
    if (!line.includes('health is served')) continue;
    const { url } = JSON.parse(line) as { url: string };
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    policy.kill('SIGTERM');
    break;
  }
  policy.stderr.resume();
  expect(await exited).toEqual([null, 'SIGTERM']);

  const { stdout: help } = await node('apps/cli/dist/main.js', '--help');
  expect(help).toContain('doctor');
});
