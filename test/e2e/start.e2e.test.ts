import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RefundRequest, refundRequests } from '../../examples/refund-desk/requests.ts';
import { newPlace } from './place.ts';
import { type Run, SystemClient } from './system.client.ts';

const start = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

let place: Awaited<ReturnType<typeof newPlace>>;
let running: ChildProcess | undefined;
beforeEach(async () => {
  place = await newPlace('start');
});
afterEach(async () => {
  await stop();
  await place.remove();
});

interface Demo {
  readonly client: SystemClient;
  readonly printed: string;
  readonly readyAfterMs: number;
  readonly settledAfterMs: number;
}

/** What `npm start` runs once everything is built; resolves when the sixty requests are settled and it keeps serving. */
async function npmStart(): Promise<Demo> {
  const startedAt = performance.now();
  const env = { ...process.env, INTERLOCK_PORT: '0', INTERLOCK_DATA_DIR: place.directory };
  const child = spawn(process.execPath, [start], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  running = child;
  let printed = '';
  let readyAfterMs = 0;
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (readyAfterMs === 0 && printed.includes('Interlock is ready'))
      readyAfterMs = performance.now() - startedAt;
    if (/s since the start\n/.test(printed)) break;
  }
  const url = /ready at (\S+)/.exec(printed)?.[1];
  if (url === undefined) throw new Error(`npm start ended early:\n${printed}`);
  const client = new SystemClient(url, join(place.directory, 'keys'));
  return { client, printed, readyAfterMs, settledAfterMs: performance.now() - startedAt };
}

async function stop(): Promise<void> {
  const child = running;
  running = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** How a run ended beside how its request must end. */
const compared = ({ input, scenario, expected }: RefundRequest, runs: readonly Run[]) => {
  const run = runs.find((one) => (one.input as typeof input).requestId === input.requestId);
  const actual = { status: run?.status, outcome: run?.output?.outcome, failure: run?.failure?.class };
  return { request: `${input.requestId} ${scenario}`, expected: { ...unsaid, ...expected }, actual };
};
const unsaid = { outcome: undefined, failure: undefined };

test('npm start works the sixty requests as their table says, keeps serving, and finds them at the next start', async () => {
  const first = await npmStart();
  const runs = await first.client.runs();
  for (const { request, actual, expected } of refundRequests().map((one) => compared(one, runs))) {
    expect({ request, ...actual }).toEqual({ request, ...expected });
  }
  expect(runs).toHaveLength(60);
  expect(first.printed).toContain('Each ended as its table says.');
  expect(await first.client.status('/readyz')).toBe(200);
  await stop();

  const second = await npmStart();
  const found = await second.client.runs();
  const facts = (all: readonly Run[]) =>
    all.map(({ runId, status, lastSeq }) => ({ runId, status, lastSeq }));
  expect(facts(found)).toEqual(facts(runs));
  console.log(
    `ready after ${Math.round(first.readyAfterMs)} ms, sixty settled after ${Math.round(first.settledAfterMs)} ms; ` +
      `again on the same data: ${Math.round(second.readyAfterMs)} and ${Math.round(second.settledAfterMs)} ms`,
  );
});
