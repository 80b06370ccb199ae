// long-run: one run of 2,000 steps: what a step costs early and late, and how long a restart takes to rebuild it, beyond what a restart
// takes anyway.
import { drive } from './driver.mjs';
import { bearer } from './requests.mjs';
import { startSystem } from './systems.mjs';

const STEPS = Number(process.env.BENCH_LONG_STEPS ?? 2_000);
const PART = 100;
const WARM_UP_MS = 4_000;
/** Steps after which the process is killed. */
const KILL_AT = STEPS * 0.9;
const GIVE_UP_MS = 300_000;

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
    const whole = await ended(system, await started(system, 'long-run-whole'));
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
  const runId = await started(system, 'long-run-killed');
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

async function started({ url, operator }, key) {
  const answer = await fetch(`${url}/v1/runs`, {
    method: 'POST',
    headers: { ...bearer(operator), 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ workflow: 'bench-long', input: {} }),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()).runId;
}

async function ended(system, runId) {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    const run = await get(system, `/v1/runs/${runId}`).catch(() => undefined);
    if (run?.endedAt !== undefined) return run;
    if (performance.now() > deadline)
      throw new Error(`run ${runId} has not ended: ${JSON.stringify(run)?.slice(0, 1_000)}`);
    await sleep(50);
  }
}

async function eventsOf(system, runId) {
  const all = [];
  for (let after = 0; ; ) {
    const { items, next } = await get(
      system,
      `/v1/runs/${runId}/events?limit=10000${after ? `&cursor=${after}` : ''}`,
    );
    all.push(...items);
    if (next === undefined || items.length === 0) return all;
    after = next;
  }
}

async function get({ url, operator }, path) {
  const answer = await fetch(`${url}${path}`, { headers: bearer(operator) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
