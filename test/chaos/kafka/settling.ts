import { setTimeout as after } from 'node:timers/promises';
import { isSettled, type Run } from '../../e2e/system.client.ts';
import type { KafkaSystem } from './kafka.system.ts';

const POLL_MS = 100;

/** The runs once all of them are settled; rejects with those that are not, and with what the services complain of. */
export async function settleAll(
  system: KafkaSystem,
  runs: readonly Run[],
  isDone: (run: Run) => boolean = isSettled,
  withinMs = 90_000,
): Promise<Run[]> {
  const wanted = new Set(runs.map(({ runId }) => runId));
  const deadline = performance.now() + withinMs;
  for (;;) {
    const known = (await system.client.runs().catch(() => [])).filter(({ runId }) => wanted.has(runId));
    const open = known.filter((run) => !isDone(run));
    if (known.length === wanted.size && open.length === 0) return known;
    if (performance.now() > deadline)
      throw new Error(await complaint(system, open, wanted.size - known.length));
    await after(POLL_MS);
  }
}

async function complaint(system: KafkaSystem, open: readonly Run[], unknown: number): Promise<string> {
  const events = await Promise.all(
    open.slice(0, 3).map(async ({ runId }) => system.client.events(runId).catch(() => [])),
  );
  return [
    `${open.length} runs are open and ${unknown} not known:`,
    ...open.slice(0, 5).map((run) => JSON.stringify(run)),
    ...events.map((list) => list.map(({ seq, type }) => `${seq} ${type}`).join(', ')),
    ...system.trouble(),
  ].join('\n');
}
