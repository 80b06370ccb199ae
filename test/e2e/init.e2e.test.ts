import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from './place.ts';
import { SERVING, Starting } from './start.process.ts';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

let place: Awaited<ReturnType<typeof newPlace>>;
let started: Starting;
let folder: string;
beforeAll(async () => {
  place = await newPlace('init');
  folder = join(place.directory, 'rooms');
  expect(interlock('init', folder).status).toBe(0);
  started = new Starting(place.directory, { INTERLOCK_MODULES: folder });
  await started.printed(SERVING);
});
afterAll(async () => {
  await started?.stop();
  await place?.remove();
});

/** The command line, as its users call it. */
function interlock(...line: string[]) {
  const [, url = 'http://127.0.0.1:9'] = /gateway +(http:\S+),/.exec(started?.out ?? '') ?? [];
  const env = { ...process.env, INTERLOCK_DATA_DIR: place.directory };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...line, '--url', url], {
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('a module that is laid out runs: its workflow is checked, started, and asks a manager', () => {
  expect(interlock('workflow', 'check', join(folder, 'book-room.workflow.yaml'))).toMatchObject({
    status: 0,
  });
  const small = interlock(
    'run',
    'start',
    'book-room',
    '--input',
    '{"day":"2027-01-31","people":4}',
    '--wait',
    '--json',
  );
  expect(small).toMatchObject({ status: 0, stderr: '' });
  const run = JSON.parse(small.stdout) as { status: string; output: unknown; runId: string };
  expect(run).toMatchObject({ status: 'completed', output: { bookingId: 'booking-1' } });

  const recorded = interlock('run', 'record', run.runId, '--module', './module.ts', '--policies');
  expect(recorded).toMatchObject({ status: 0 });
  expect(recorded.stdout).toContain('bookingId: booking-1');

  const large = interlock(
    'run',
    'start',
    'book-room',
    '--input',
    '{"day":"2027-02-01","people":40}',
    '--wait',
    '--json',
  );
  expect(JSON.parse(large.stdout)).toMatchObject({
    status: 'waiting',
    waitingFor: [{ kind: 'approval', step: 'book' }],
  });
});
