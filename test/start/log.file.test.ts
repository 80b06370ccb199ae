import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLogFile } from '../../scripts/log.file.mjs';

const BYTES_MAX = 1_000;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'interlock-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const names = () => readdirSync(directory).sort();
const linesOf = (name: string) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n');

test('a log takes no more room than its files may, and keeps what was said last', () => {
  const log = openLogFile(join(directory, 'one.log'), BYTES_MAX);
  for (let line = 0; line < 1_000; line += 1) log.write(`line ${line}`);
  expect(names()).toEqual(['one.log', 'one.log.1', 'one.log.2', 'one.log.3', 'one.log.4']);
  for (const name of names()) expect(statSync(join(directory, name)).size).toBeLessThanOrEqual(BYTES_MAX);
  const kept = ['one.log.4', 'one.log.3', 'one.log.2', 'one.log.1', 'one.log'].flatMap(linesOf);
  expect(kept.at(-1)).toBe('line 999');
  expect(kept).toEqual(kept.map((_, at) => `line ${1_000 - kept.length + at}`));
});

test('a log goes on where the process before has stopped', () => {
  openLogFile(join(directory, 'one.log'), BYTES_MAX).write('before');
  openLogFile(join(directory, 'one.log'), BYTES_MAX).write('after');
  expect(linesOf('one.log')).toEqual(['before', 'after']);
});

test('nobody else on the machine can read a log', () => {
  openLogFile(join(directory, 'one.log')).write('said');
  expect(statSync(join(directory, 'one.log')).mode & 0o077).toBe(0);
});

test('a log that cannot be set aside says so, keeps every line, and writes into no other file', () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const inTheWay = join(directory, 'a.log.4');
  mkdirSync(inTheWay);
  writeFileSync(join(inTheWay, 'other'), '');
  for (const age of [1, 2, 3]) writeFileSync(join(directory, `a.log.${age}`), `older ${age}\n`);
  const [log, neighbour] = ['a.log', 'b.log'].map((name) => openLogFile(join(directory, name), BYTES_MAX));
  for (let line = 0; line < 200; line += 1) {
    log?.write(`line ${line}`);
    neighbour?.write(`other ${line}`);
  }
  expect(linesOf('a.log')).toEqual(Array.from({ length: 200 }, (_, line) => `line ${line}`));
  expect(['b.log.1', 'b.log'].flatMap(linesOf)).toEqual(
    Array.from({ length: 200 }, (_, line) => `other ${line}`),
  );
  expect(linesOf('a.log.1')).toEqual(['older 1']);
  expect(stderr.mock.calls.map(([said]) => said)).toEqual([
    expect.stringMatching(/a\.log cannot be set aside \(.*\): it grows on\n$/),
  ]);
});
