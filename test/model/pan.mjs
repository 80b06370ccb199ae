import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODEL = join(dirname(fileURLToPath(import.meta.url)), 'fenced-log.pml');
const MEMORY_MB_MAX = 6_000;
const DEPTH_MAX = 10_000;
const SEARCH_TIMEOUT_MS = 600_000;

export class ToolError extends Error {}

/**
 * Explores every state of one case.
 *
 * @param {import('./cases.mjs').Case} one
 * @returns {{ violated: string | undefined, states: number, seconds: number }} `violated`: the first property found
 *   to fail; undefined: the search was exhaustive and all hold. Seconds of the search, without the compilers.
 * @throws {ToolError} spin or gcc is missing or failed, or the search neither ended nor found anything
 */
export function explore(one) {
  const directory = mkdtempSync(join(tmpdir(), 'interlock-model-'));
  try {
    const bounds = Object.entries(one.scope).map(([name, value]) => `-D${name}=${value}`);
    call('spin', [...bounds, ...one.defines.map((name) => `-D${name}`), '-a', MODEL], directory);
    const optimise = one.breaks.length === 0 ? '-O2' : '-O1';
    // Every step touches the log, so partial order reduction finds nothing to leave out.
    const options = ['-w', '-DSAFETY', '-DNOREDUCE', `-DMEMLIM=${MEMORY_MB_MAX}`];
    call('gcc', [optimise, ...options, '-o', 'pan', 'pan.c'], directory);
    return outcome(call(join(directory, 'pan'), [`-m${DEPTH_MAX}`], directory));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function call(program, args, cwd) {
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: SEARCH_TIMEOUT_MS,
  });
  if (error?.code === 'ENOENT') {
    throw new ToolError(`${program} is not installed: apt-get install ${program}`);
  }
  const said = `${stdout}${stderr}`;
  if (error || signal || status !== 0 || /^spin: .*[Ee]rror/m.test(said)) {
    throw new ToolError(`${program} failed (${error?.message ?? signal ?? status}):\n${said.slice(-2_000)}`);
  }
  return said;
}

function outcome(said) {
  const stored = /^\s*(\S+) states, stored/m.exec(said);
  const errors = /errors: (\d+)/.exec(said);
  if (!stored || !errors) throw new ToolError(`pan did not finish:\n${said.slice(-2_000)}`);
  const states = Number(stored[1]);
  const seconds = Number(/elapsed time (\S+) seconds/.exec(said)?.[1] ?? Number.NaN);
  const violated = /^pan:\d+: assertion violated (\w+)/m.exec(said)?.[1];
  if (violated) return { violated, states, seconds };
  if (errors[1] !== '0') throw new ToolError(`pan stopped for another reason:\n${said.slice(0, 2_000)}`);
  assertExhaustive(said);
  return { violated: undefined, states, seconds };
}

/** A search that was cut short, or that never came to a line of the model, proves nothing. */
function assertExhaustive(said) {
  if (/search depth too small|Search not completed|MEMLIM bound|out of memory/i.test(said)) {
    throw new ToolError(`the search was not exhaustive:\n${said.slice(0, 2_000)}`);
  }
  const unreached = said
    .split('\n')
    .filter((line) => /\.pml:\d+, state \d+,/.test(line) && !/"-end-"/.test(line));
  if (unreached.length > 0)
    throw new ToolError(`parts of the model were never reached:\n${unreached.join('\n')}`);
}
