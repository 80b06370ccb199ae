import { setTimeout as after } from 'node:timers/promises';

/** Asks again until it holds; rejects after `withinMs` with what was awaited. */
export async function eventually(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = 60_000,
  everyMs = 10,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`);
    await after(everyMs);
  }
}
