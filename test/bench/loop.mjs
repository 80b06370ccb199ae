// loop: one run that goes over 10,000 items, 50 at a time: what an item costs early and late, the largest record, and the memory.
import { ended, eventsOf, started } from './one-run.mjs';
import { usageOfAll } from './processes.mjs';
import { startSystem } from './systems.mjs';

const ITEMS = Number(process.env.BENCH_LOOP_ITEMS ?? 10_000);
const PART = 100;

export async function loop(broker, dir, _options, progress) {
  const system = await startSystem(broker, dir);
  try {
    const rows = [];
    for (const workflow of ['bench-loop-read', 'bench-loop-write']) {
      progress(`loop ${broker}: ${workflow}, ${ITEMS} items`);
      rows.push(await measured(system, workflow));
    }
    return rows;
  } finally {
    await system.close();
  }
}

async function measured(system, workflow) {
  const body = { workflow, input: { items: Array.from({ length: ITEMS }, (_, n) => n) } };
  const runId = await started(system, `loop-${workflow}`, body);
  let memory = 0;
  const run = await ended(system, runId, () => {
    memory = Math.max(memory, usageOfAll(system.children.map(({ pid }) => pid)).rssBytes);
  });
  const events = await eventsOf(system, runId);
  const closed = events.filter(({ type }) => type === 'scope.closed').map(({ time }) => Date.parse(time));
  if (closed.length !== ITEMS) throw new Error(`${closed.length} of ${ITEMS} items ended: ${run.status}`);
  const perItem = (from, to) => (closed[to - 1] - closed[from]) / (to - from - 1);
  // The first hundred begin with a start of 50 at once, so what is compared begins behind them.
  const firstMs = perItem(PART, 2 * PART);
  const lastMs = perItem(ITEMS - PART, ITEMS);
  return {
    workflow,
    items: ITEMS,
    status: run.status,
    firstHundredMsPerItem: firstMs,
    middleHundredMsPerItem: perItem(ITEMS / 2 - PART / 2, ITEMS / 2 + PART / 2),
    lastHundredMsPerItem: lastMs,
    lastOverFirst: lastMs / firstMs,
    itemsPerSecond: (ITEMS * 1_000) / (closed.at(-1) - Date.parse(run.startedAt)),
    largestEventBytes: Math.max(...events.map((event) => JSON.stringify(event).length)),
    memoryMb: memory / 2 ** 20,
  };
}
