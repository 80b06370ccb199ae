// long-run: one run of 2,000 steps: what a step costs early and late, and how long a restart takes to rebuild it, beyond what a restart
// takes anyway.
import { drive } from './driver.mjs';
import { ended, eventsOf, get, sleep, started } from './one-run.mjs';
import { startSystem } from './systems.mjs';

const STEPS = Number(process.env.BENCH_LONG_STEPS ?? 2_000);
const PART = 100;
const WARM_UP_MS = 4_000;
/** Steps after which the process is killed. */
const KILL_AT = STEPS * 0.9;
const long = { workflow: 'bench-long', input: {} };

export async function longRun(broker, dir, _options, progress) {
  const system = await startSystem(broker, dir);
  try {
    progress(`long-run ${broker}: warm-up, then one run of ${STEPS} steps`);
    const emptyMs = await restartToReady(system);
    await drive({
      type: 'load',
      url: system.url,
      operator: system.operator,
      workflow: 'bench-read',
      inFlight: 4,
      warmUpMs: 0,
      measureMs: WARM_UP_MS,
    });
    const whole = await ended(system, await started(system, 'long-run-whole', long));
    const cost = await costs(system, whole.runId);
    progress(`long-run ${broker}: the same, kill -9 of the orchestrator after ${KILL_AT} steps`);
    return { steps: STEPS, status: whole.status, ...cost, ...(await rebuilt(system, emptyMs)) };
  } finally {
    await system.close();
  }
}

/** Kills the process that has the run and measures from its new start to the run's next event. */
async function rebuilt(system, emptyMs) {
  const child = ownerOf(system);
  const runId = await started(system, 'long-run-killed', long);
  while ((await get(system, `/v1/runs/${runId}`)).usage.steps < KILL_AT) await sleep(20);
  await child.kill();
  const killedAt = Date.now();
  child.start();
  await system.ready();
  const readyMs = Date.now() - killedAt;
  const run = await ended(system, runId);
  const times = (await eventsOf(system, runId)).map(({ time }) => Date.parse(time));
  const next = times.find((time) => time >= killedAt);
  return {
    statusAfterKill: run.status,
    eventsAtKill: times.filter((time) => time < killedAt).length,
    restartEmptyMs: emptyMs,
    restartToReadyMs: readyMs,
    restartToNextEventMs: next === undefined ? undefined : next - killedAt,
    rebuildMs: next === undefined ? undefined : Math.max(0, next - killedAt - emptyMs),
  };
}

/** The process that decides on runs. */
const ownerOf = ({ children }) =>
  children.find(({ name }) => name === 'interlock' || name === 'orchestrator');

/** How long a restart takes with nothing to rebuild, ms. */
async function restartToReady(system) {
  const child = ownerOf(system);
  await child.kill();
  const startedAt = Date.now();
  child.start();
  await system.ready();
  return Date.now() - startedAt;
}

/** Milliseconds a step between the ends of steps 1 and 100, and of the last hundred. */
async function costs(system, runId) {
  const ends = (await eventsOf(system, runId))
    .filter(({ type }) => type === 'step.completed')
    .map(({ time }) => Date.parse(time));
  if (ends.length !== STEPS) throw new Error(`${ends.length} of ${STEPS} steps were completed`);
  const perStep = (from, to) => (ends[to - 1] - ends[from]) / (to - from - 1);
  const firstMs = perStep(0, PART);
  const lastMs = perStep(STEPS - PART, STEPS);
  const middleMs = perStep(STEPS / 2 - PART / 2, STEPS / 2 + PART / 2);
  return {
    firstHundredMsPerStep: firstMs,
    middleHundredMsPerStep: middleMs,
    lastHundredMsPerStep: lastMs,
    lastOverFirst: lastMs / firstMs,
  };
}
