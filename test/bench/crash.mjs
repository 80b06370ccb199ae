// crash: 500 runs in flight, each step appends a line to a file that takes no key; halfway something is killed and started again at once.
import { readFileSync } from 'node:fs';
import { drive } from './driver.mjs';
import { startSystem } from './systems.mjs';

const RUNS = 500;
const STEPS = 10;
/** A callHash and a line feed. */
const LINE_BYTES = 65;
const GIVE_UP_MS = 120_000;

const victims = {
  embedded: { worker: 'interlock' },
  kafka: { worker: 'tool-executor', server: 'orchestrator', broker: undefined },
};

/** One row a kill. */
export async function crash(broker, dir, options, progress) {
  const rows = [];
  for (const [what, name] of Object.entries(victims[broker])) {
    if (options.kills === 'worker' && what !== 'worker') continue;
    progress(`crash ${broker}: ${RUNS} runs, kill -9 of the ${name ?? 'broker'} at half`);
    rows.push(await killed(broker, dir, what, name));
  }
  return rows;
}

async function killed(broker, dir, what, name) {
  const system = await startSystem(broker, dir);
  try {
    const startedAt = performance.now();
    let killedAt;
    let linesAtKill;
    let restarted;
    const half = () => {
      killedAt = performance.now();
      linesAtKill = linesOf(system.lines).length;
      restarted = restart(system, name);
    };
    const task = {
      type: 'runs',
      url: system.url,
      operator: system.operator,
      workflow: 'bench-line',
      prefix: `crash-${what}`,
      count: RUNS,
      lines: system.lines,
      halfBytes: (RUNS * STEPS * LINE_BYTES) / 2,
      giveUpMs: GIVE_UP_MS,
    };
    const { statuses, failedRequests } = await drive(task, { half });
    const endedAt = performance.now();
    await restarted;
    const lines = linesOf(system.lines);
    const completed = statuses.completed ?? 0;
    return {
      kill: what,
      victim: name ?? 'kafka',
      runs: RUNS,
      statuses,
      lost: RUNS - completed,
      linesAtKill,
      lines: lines.length,
      duplicated: lines.length - new Set(lines).size,
      missing: completed === RUNS ? RUNS * STEPS - new Set(lines).size : undefined,
      failedRequests,
      allDoneAfterKillS: killedAt === undefined ? undefined : (endedAt - killedAt) / 1_000,
      totalS: (endedAt - startedAt) / 1_000,
    };
  } finally {
    await system.close();
  }
}

async function restart(system, name) {
  if (name === undefined) return system.restartBroker();
  const child = system.children.find((one) => one.name === name);
  await child.kill();
  child.start();
}

function linesOf(file) {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
