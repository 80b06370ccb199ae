import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RefundRequest, refundRequests } from '../../examples/refund-desk/requests.ts';
import { newPlace } from './place.ts';
import { SERVING, Starting } from './start.process.ts';
import type { Run } from './system.client.ts';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));

let place: Awaited<ReturnType<typeof newPlace>>;
let running: Starting[] = [];
const enter = async () => {
  place = await newPlace('start');
  running = [];
};
const leave = async () => {
  for (const one of running) await one.stop();
  await place.remove();
};

function starting(environment?: Readonly<Record<string, string>>, options?: readonly string[]): Starting {
  const one = new Starting(place.directory, environment, options);
  running.push(one);
  return one;
}

/** How a run ended beside how its request must end. */
const compared = ({ input, scenario, expected }: RefundRequest, runs: readonly Run[]) => {
  const run = runs.find((one) => (one.input as typeof input).requestId === input.requestId);
  const actual = { status: run?.status, outcome: run?.output?.outcome, failure: run?.failure?.class };
  return { request: `${input.requestId} ${scenario}`, expected: { ...unsaid, ...expected }, actual };
};
const unsaid = { outcome: undefined, failure: undefined };

/** The page as everybody sees it: times, ports and directories differ from start to start. */
const asQuoted = (page: string): string[] =>
  page
    .replaceAll(place.directory, '.interlock')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:7400')
    .replaceAll(/\d+\.\d s/g, 'N s')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

describe('npm start', () => {
  let first: Starting;
  let readyAfterMs: number;
  let settledAfterMs: number;
  let runs: Run[];
  beforeAll(async () => {
    await enter();
    first = starting();
    readyAfterMs = await first.printed('gateway ');
    settledAfterMs = await first.printed(SERVING);
    runs = await first.client.runs();
  });
  afterAll(leave);

  test('works the sixty requests as their table says, and keeps serving', async () => {
    for (const { request, actual, expected } of refundRequests().map((one) => compared(one, runs))) {
      expect({ request, ...actual }).toEqual({ request, ...expected });
    }
    expect(runs).toHaveLength(60);
    expect(first.out).toContain('All 60 went as expected');
    expect(await first.client.status('/readyz')).toBe(200);
  });

  test('proposes commands that work in another terminal', async () => {
    const proposed = first.out.split('\n').filter((line) => line.trim().startsWith('./interlock'));
    expect(proposed).toHaveLength(3);
    const settings = /export (.*)/.exec(first.out)?.[1] ?? '';
    const env = { ...process.env, ...Object.fromEntries(settings.split(' ').map((one) => one.split('='))) };
    const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
    for (const line of proposed) {
      const argv = (line.split('#')[0] ?? '').trim().split(/\s+/).slice(1);
      const child = spawn(process.execPath, [cli, ...argv], { env, stdio: 'ignore' });
      expect([line, (await once(child, 'exit'))[0]]).toEqual([line, 0]);
    }
  });

  test('prints one page that fits 80 columns and that the README quotes, logs to a file, and says that it stops', async () => {
    const { code, out, error } = await first.stop();
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out).toMatch(/\nStopping: .*\n.*\nStopped\.\n$/);
    const page = asQuoted(out);
    expect(page.filter((line) => line.length > 80)).toEqual([]);
    const quotes = readFileSync(readme, 'utf8')
      .split('```text\n')
      .slice(1)
      .map((block) => block.split('```')[0]);
    const quoted = quotes.flatMap((block) => asQuoted(block ?? ''));
    expect(quoted.filter((line) => !page.includes(line))).toEqual([]);
    // Beyond what the README shows: this server is not at the default place, and it was stopped.
    expect(page.filter((line) => !quoted.includes(line))).toEqual([
      expect.stringMatching(/^export INTERLOCK_DATA_DIR=/),
      'Stopping: calls in progress may finish first.',
      'Press Ctrl-C again to stop at once.',
      'Stopped.',
    ]);

    const log = readFileSync(join(place.directory, 'logs', 'interlock.log'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(log.map((line) => JSON.parse(line).msg)).toContain('requests are served');
  });

  test('finds the sixty requests at the next start', async () => {
    const second = starting();
    const readyAgainMs = await second.printed('gateway ');
    const settledAgainMs = await second.printed(SERVING);
    const found = await second.client.runs();
    const facts = (all: readonly Run[]) =>
      all.map(({ runId, status, lastSeq }) => ({ runId, status, lastSeq }));
    expect(facts(found)).toEqual(facts(runs));
    console.log(
      `ready after ${Math.round(readyAfterMs)} ms, sixty settled after ${Math.round(settledAfterMs)} ms; ` +
        `again on the same data: ${Math.round(readyAgainMs)} and ${Math.round(settledAgainMs)} ms`,
    );
  });
});

describe('npm start, asked otherwise or in trouble', () => {
  beforeEach(enter);
  afterEach(leave);

  test('npm start -- --logs shows the log, and -- --json says the same to programs', async () => {
    const withLogs = starting({ INTERLOCK_DEMO: '0' }, ['--logs']);
    await withLogs.printed(SERVING);
    const { error } = await withLogs.stop();
    expect(error).toContain('"msg":"requests are served"');

    const forPrograms = starting({}, ['--json']);
    await forPrograms.printed('"demonstrated"');
    const events = (await forPrograms.stop()).out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual([
      'starting',
      'ready',
      'demonstrated',
      'stopping',
      'stopped',
    ]);
    expect(events[1]).toMatchObject({
      published: { workflows: ['refund-request@6'] },
      dataDir: place.directory,
    });
    expect(events[2]).toMatchObject({ settled: 60, unexpected: [] });
  });

  test('a port that is busy and a directory that is held are one sentence each, with what to do, and exit code 2', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const busy = await starting({ INTERLOCK_PORT: String(port) }).ended();
    other.close();
    expect([busy.code, busy.error]).toEqual([
      2,
      `127.0.0.1:${port} is already in use: stop the program listening there, or set INTERLOCK_PORT to another port\n`,
    ]);

    const holder = starting({ INTERLOCK_DEMO: '0' });
    await holder.printed(SERVING);
    const ordersLog = () => readFileSync(join(place.directory, 'logs', 'order-system.log'), 'utf8');
    const before = ordersLog();
    const held = await starting().ended();
    expect([held.code, held.error.split('\n')]).toEqual([2, [expect.stringContaining(place.directory), '']]);
    // A second order system would have ended by now, and have said so in this log.
    expect(ordersLog()).toBe(before);
    await holder.stop();
  });

  test('an option that is not known is one sentence and exit code 2', async () => {
    expect(await starting({}, ['--verbose']).ended()).toEqual({
      code: 2,
      out: '',
      error: "Unknown option '--verbose'. --help says what there is.\n",
    });
  });
});
