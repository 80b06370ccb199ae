import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { cases } from './cases.mjs';

interface Result {
  readonly name: string;
  readonly asExpected: boolean;
  readonly violated?: string;
  readonly states?: number;
  readonly error?: string;
}

/** A minute of a processor, of which other tests may leave it little. */
const RUN_TIMEOUT_MS = 1_200_000;
const runner = join(dirname(fileURLToPath(import.meta.url)), 'run.mjs');

let results: ReadonlyMap<string, Result>;
let exitCode: number | null;

beforeAll(async () => {
  const child = spawn(process.execPath, [runner, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_TIMEOUT_MS,
  });
  const [[status], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  exitCode = status;
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  if (lines.length === 0) throw new Error(`the model checker said nothing: ${stderr}`);
  results = new Map(lines.map((line) => JSON.parse(line) as Result).map((result) => [result.name, result]));
}, RUN_TIMEOUT_MS);

describe('the fenced log keeps every promise in every reachable state', () => {
  test.each(cases.filter(({ breaks }) => breaks.length === 0))('$name: $says', ({ name }) => {
    const result = results.get(name);
    expect(result?.error).toBeUndefined();
    expect(result?.violated).toBeUndefined();
    expect(result?.states).toBeGreaterThan(1_000_000);
  });
});

describe('and the model would notice', () => {
  test.each(cases.filter(({ breaks }) => breaks.length > 0))('$name: $says', ({ name, breaks }) => {
    const result = results.get(name);
    expect(result?.error).toBeUndefined();
    expect(breaks).toContain(result?.violated);
  });
});

test('the runner succeeds only if all of that is so', () => {
  expect(exitCode).toBe([...results.values()].every(({ asExpected }) => asExpected) ? 0 : 1);
  expect(results.size).toBe(cases.length);
});
