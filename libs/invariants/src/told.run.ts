import type { RunEvent } from '@interlock/contracts';
import type { Logged, Reading } from './reading.js';

/** An event of a run as a test tells it: at this instant, ms. */
export type Told = readonly [at: number, type: RunEvent['type'], data: Record<string, unknown>];

/** The reading of one run, of which only its own events are known; they are `run/1`, `run/2` and so on. */
export function readingOfRun(...told: readonly Told[]): Reading {
  const events = told.map(([time, type, data], place) => {
    const meta = { id: `run/${place + 1}`, run: 'run', seq: place + 1, time };
    const where = { topic: 'run.events', partition: 0, offset: place, part: 0, landedAt: time };
    return { type, data, ...where, meta } as unknown as Logged<RunEvent>;
  });
  return { runs: new Map([['run', events]]), states: new Map() } as unknown as Reading;
}
