import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run as runAgainst } from './server.fixture.js';

/** Nothing listens there. */
const run = (line: readonly string[]) => runAgainst('http://127.0.0.1:9', line);
const tsc = (folder: string) => {
  const { status, stdout } = spawnSync(process.execPath, ['node_modules/tsc7/bin/tsc', '-p', folder], {
    encoding: 'utf8',
  });
  return { status, said: stdout };
};

describe.each(['yaml', 'typescript'])('a module that is laid out, its workflow in %s', (form) => {
  let home: string;
  let folder: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'interlock-init-'));
    folder = join(home, 'rooms');
    const laid = await run(['init', folder, ...(form === 'typescript' ? ['--typescript'] : [])]);
    expect(laid).toMatchObject({ code: 0, error: '' });
    expect(laid.out).toContain(`INTERLOCK_MODULES=${folder} npm start`);
  });
  afterAll(() => rmSync(home, { recursive: true }));

  test('passes its own cases and tests of its policies', async () => {
    expect(await run(['workflow', 'test', join(folder, 'book-room.cases.yaml')])).toMatchObject({ code: 0 });
    expect(await run(['policy', 'test', join(folder, 'policies.tests.yaml')])).toMatchObject({ code: 0 });
  });

  test('compiles against the types of modules', () => {
    expect(tsc(folder)).toEqual({ status: 0, said: '' });
  });

  test('is never overwritten', async () => {
    const file = join(folder, 'room.tools.ts');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `// mine\n${before}`);
    const again = await run(['init', folder]);
    expect(again).toMatchObject({ code: 1, error: expect.stringContaining('Nothing was written') });
    expect(readFileSync(file, 'utf8')).toBe(`// mine\n${before}`);
  });
});

test.each([
  ['a file', 'taken', 'is there already, and is no folder'],
  ['something below a file', 'taken/rooms', 'lies below a file'],
])('%s is no folder for a module, and that is said', async (_what, where, why) => {
  const home = mkdtempSync(join(tmpdir(), 'interlock-init-'));
  writeFileSync(join(home, 'taken'), 'mine');
  const { code, error } = await run(['init', join(home, where)]);
  expect([code, error]).toEqual([2, expect.stringContaining(why)]);
  expect(readFileSync(join(home, 'taken'), 'utf8')).toBe('mine');
  rmSync(home, { recursive: true });
});

test('a folder without a name is asked for', async () => {
  expect(await run(['init', ''])).toMatchObject({
    code: 2,
    error: expect.stringContaining('name the folder'),
  });
});

describe('types of modules', () => {
  let home: string;
  let folder: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'interlock-init-'));
    folder = join(home, 'rooms');
    await run(['init', folder, '--typescript']);
  });
  afterAll(() => rmSync(home, { recursive: true }));

  const saidAfter = (name: string, from: string, to: string): string => {
    const file = join(folder, name);
    const before = readFileSync(file, 'utf8');
    expect(before).toContain(from);
    writeFileSync(file, before.replace(from, to));
    const { said } = tsc(folder);
    writeFileSync(file, before);
    return said;
  };

  test('tell a field of a step that does not exist', () => {
    expect(saidAfter('book-room.workflow.ts', "tool: 'rooms.free'", "tol: 'rooms.free'")).toContain(
      "'tol' does not exist",
    );
  });

  test('tell a write that does not say how it recovers', () => {
    expect(saidAfter('room.tools.ts', "recovery: { by: 'idempotency-key' },", '')).toContain("'recovery'");
  });

  test('tell an output that the tool has not declared', () => {
    expect(saidAfter('room.tools.ts', 'free: Math.max(0, ROOMS - takenOn(day))', 'fre: 1')).toContain('free');
  });
});

test('a workflow is checked against modules without a server', async () => {
  const home = mkdtempSync(join(tmpdir(), 'interlock-init-'));
  const folder = join(home, 'rooms');
  await run(['init', folder]);
  const file = join(folder, 'book-room.workflow.yaml');
  const check = ['workflow', 'check', file, '--module', folder];
  expect(await run(check)).toMatchObject({
    code: 0,
    out: expect.stringContaining('book-room@1 is fine: 2 steps'),
  });
  writeFileSync(file, readFileSync(file, 'utf8').replace('tool: rooms.free', 'tool: rooms.fee'));
  expect(await run(check)).toMatchObject({
    code: 1,
    out: expect.stringContaining('there is no tool "rooms.fee"'),
  });
  expect(await run(['workflow', 'check', file, '--module', join(home, 'none')])).toMatchObject({ code: 2 });
  rmSync(home, { recursive: true });
});
