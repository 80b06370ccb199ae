import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childrenOf, isAlive } from '../e2e/children.ts';
import { eventually } from '../e2e/eventually.ts';
import { newPlace } from '../e2e/place.ts';
import type { Run } from '../e2e/system.client.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { type Fault, faultNames, linesIn } from './faulty.module.ts';

/**
 * Item 7: code of a tool that goes wrong took the system with it: one exception thrown later ended the process, and every restart
 * repeated it; a loop of 12 s kept `/healthz` silent for 11.
 *
 * A long run sets TOOL_FAULTS=200 TOOL_FAULT_RUNS=300.
 */
const FAULTS = Number(process.env.TOOL_FAULTS ?? 12);
const RUNS = Number(process.env.TOOL_FAULT_RUNS ?? 24);
const HEALTH_MS = 25;
const SETTLED_MS = 30_000 + FAULTS * 5_000;

/** Which runs meet which fault: all reads first, then writes. */
const faultyWorkflows = Array.from({ length: FAULTS }, (_, at) => {
  const kind = Math.floor(at / faultNames.length) % 2 === 0 ? 'read' : 'write';
  return `faulty-${faultNames[at % faultNames.length] as Fault}-${kind}`;
});

let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
const file = () => join(place.directory, 'lines.jsonl');
beforeAll(async () => {
  place = await newPlace('faults');
  system = await startSystem({
    dataDir: join(place.directory, 'data'),
    environment: {
      INTERLOCK_MODULES: 'test/attacks/faulty.module.ts',
      INTERLOCK_DEMO: '0',

      INTERLOCK_TOOL_MEMORY_MB: '400',
      FAULTY_FILE: file(),
    },
  });
});
afterAll(async () => {
  await system?.stop('SIGKILL');
  await place?.remove();
});

test(`${FAULTS} faults of tools in ${RUNS} runs end their own runs, by name, and nothing else`, {
  timeout: SETTLED_MS + 30_000,
}, async () => {
  const health = new HealthWatch(`${system.client.url}/healthz`);
  const started = await Promise.all(
    Array.from({ length: RUNS }, (_, at) =>
      system.client.start(workflowOf(at), { id: `run-${at}` }, `run-${at}`),
    ),
  );
  // One after the other: hundreds who ask at once would be what keeps the process busy.
  const settled: Run[] = [];
  for (const { runId } of started) settled.push(await system.client.settled(runId, SETTLED_MS));
  const { median, p99, longest, asked } = await health.stop();

  expect(system.ended).toBeUndefined();
  const isFaulty = ({ workflow }: Run) => workflow.name.startsWith('faulty');
  expect(settled.filter((run) => !isFaulty(run)).map(({ status }) => status)).toEqual(
    Array.from({ length: RUNS - FAULTS }, () => 'completed'),
  );
  for (const run of settled.filter(isFaulty)) expect(nameOf(run), JSON.stringify(run)).toMatch(NAMES);

  // Who takes a key does a request under it once: a write whose child died of a neighbour may be asked for again, under its own key.
  const noted = linesIn(file()).filter(({ tool }) => tool === 'honest.write');
  const effects = new Map(noted.map(({ id, key }) => [key, id]));
  expect([...effects.values()].sort()).toEqual(started.map((_, at) => `run-${at}`).sort());
  const keys = Map.groupBy(linesIn(file()), ({ tool, id }) => `${tool} ${id}`);
  for (const [call, lines] of keys) {
    expect({ call, keys: new Set(lines.map(({ key }) => key)).size }).toEqual({ call, keys: 1 });
  }
  const restored = system.log.filter(({ msg }) => msg === 'a process that ran tools has died');
  expect(restored.length).toBeGreaterThan(0);
  expect(JSON.stringify(restored)).toMatch(/fault\.(async|exit)-read/);
  console.log(
    `/healthz: ${asked} answers, median ${median.toFixed(1)} ms, p99 ${p99.toFixed(0)} ms, longest ${longest.toFixed(0)} ms; ${restored.length} children died`,
  );
  expect(longest).toBeLessThan(2_000);
});

test('when the process is killed, no child of it lives on to write', async () => {
  const pid = system.pid;
  const { runId } = await system.client.start('faulty-loop-write', { id: 'orphan' });
  const isLooping = () => linesIn(file()).some(({ id, tool }) => id === 'orphan' && tool === 'fault.loop');
  await eventually(`${runId} to loop`, isLooping);
  const children = childrenOf(pid);
  expect(children.length).toBeGreaterThan(0);
  await system.stop('SIGKILL');
  await eventually('every child to be gone', () => children.filter(isAlive).length === 0, 5_000);
});

/** Runs without a fault lie between those with one. */
function workflowOf(at: number): string {
  const before = Math.floor((at * FAULTS) / RUNS);
  const isFaulty = Math.floor(((at + 1) * FAULTS) / RUNS) > before;
  return isFaulty ? (faultyWorkflows[before] as string) : 'honest';
}

/** How a faulty run may end, or what people are told that it waits for. */
const NAMES =
  /^(internal thrown|timeout timeout|internal tool\.keeps_dying|transient (tool\.child_died|refused\.expired)|in doubt)$/;

function nameOf({ failure, waitingFor = [] }: Run): string {
  // The note that was written before stands, so the run escalates and says after what.
  const after = / could not be undone after (\S+ [^\s:]+)/.exec(failure?.message ?? '')?.[1];
  if (failure !== undefined) return after ?? `${failure.class} ${failure.code}`;
  const [wait] = waitingFor;
  const detail = String(wait?.detail);
  if (wait?.kind !== 'operator') return `waits for ${detail}`;
  return /have ended the process/.test(detail)
    ? 'internal tool.keeps_dying'
    : detail.replace(/^nobody knows.*/s, 'in doubt');
}

/** Asks again and again how the process is, and keeps how long each answer took. */
class HealthWatch {
  readonly #took: number[] = [];
  readonly #done: Promise<void>;
  #isOver = false;

  constructor(url: string) {
    this.#done = this.#watch(url);
  }

  async stop(): Promise<{ median: number; p99: number; longest: number; asked: number }> {
    this.#isOver = true;
    await this.#done;
    const sorted = this.#took.toSorted((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    return { median: at(0.5), p99: at(0.99), longest: at(1), asked: sorted.length };
  }

  async #watch(url: string): Promise<void> {
    while (!this.#isOver) {
      const startedAt = performance.now();
      const answer = await fetch(url);
      await answer.arrayBuffer();
      this.#took.push(performance.now() - startedAt);
      await after(HEALTH_MS);
    }
  }
}
