import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from '../e2e/place.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';

/**
 * Item 10: half a character, cut by an expression or by the target of a tool, passed every check and was refused by the hash alone, in
 * the middle of a decision. The run hung for ever: no deadline, no cancel and no restart ended it, and a write that had happened was
 * neither recorded nor undone.
 */
const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
const file = () => join(place.directory, 'notes');

beforeAll(async () => {
  place = await newPlace('halves');
  system = await startSystem({
    dataDir: join(place.directory, 'data'),
    environment: {
      INTERLOCK_MODULES: 'test/attacks/halves.module.ts',
      INTERLOCK_DEMO: '0',
      HALVES_FILE: file(),
    },
  });
});
afterAll(async () => {
  await system?.stop('SIGKILL');
  await place?.remove();
});

const started = async (workflow: string, input: unknown = {}) => {
  const { runId } = await system.client.start(workflow, input);
  return system.client.settled(runId, 15_000);
};

/** What `./interlock replay` says; it rejects when that fails. */
const replayed = async (runId: string): Promise<string> => {
  const { INTERLOCK_KEYS_DIR: _, ...outside } = process.env;
  const environment = {
    ...outside,
    INTERLOCK_KEYS_DIR: system.client.keys,
    INTERLOCK_DATA_DIR: join(place.directory, 'data'),
  };
  return (
    await promisify(execFile)(process.execPath, [cli, 'replay', runId, '--url', system.client.url], {
      env: environment,
    })
  ).stdout;
};

test('an expression cuts text between characters, as size() counts them', async () => {
  const run = await started('cut-subject', { text: '\u{1f600} hello' });
  expect(run.status).toBe('completed');
  expect(readFileSync(file(), 'utf8').trim().split('\n')).toEqual(['"before"', '"\u{1f600}"']);
  expect(await replayed(run.runId)).toContain('agree');
});

test.each([
  ['cut-write', 'escalated', 'invalid_output'],
  ['cut-key', 'escalated', 'invalid_output'],
  ['cut-on', 'failed', 'invalid_output'],
  ['cut-read', 'failed', 'invalid_output'],
  ['cut-message', 'failed', 'invalid_input'],
  ['cut-failure', 'failed', 'domain'],
])(
  'half a character from a target ends %s as %s, and the run can be replayed',
  async (workflow, status, kind) => {
    const run = await started(workflow);
    expect(run).toMatchObject({ status, failure: { class: kind } });
    expect(JSON.stringify(run)).not.toMatch(/\\ud83d(?!\\ud[c-f])/);
    expect(await replayed(run.runId)).not.toMatch(/^FAIL/m);
  },
);
