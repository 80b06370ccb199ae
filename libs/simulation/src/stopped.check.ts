import type { Reading, Violation } from '@interlock/invariants';
import type { KillSwitches } from './kill-switches.js';
import { CLOCK_SKEW_MS } from './shape.js';
import { FRESH_MS } from './stops-here.js';

/** Whoever starts a write knows what was stopped this long before, by any clock. */
const KNOWN_AFTER_MS = FRESH_MS + CLOCK_SKEW_MS;

/** Writes that were started while everything was stopped. What undoes something, and what only asks, may go on. */
export function startedWhileStopped(
  { tools, callRequests }: Reading,
  switches: KillSwitches | undefined,
): Violation[] {
  const ofAll = (switches?.stood ?? []).filter(({ scope }) => 'all' in scope);
  return tools.flatMap(({ type, data, meta, landedAt = Number.POSITIVE_INFINITY }) => {
    if (type !== 'tool.attempt_started') return [];
    if (callRequests.get(data.requestId)?.data.purpose === 'compensate') return [];
    const stop = ofAll.find(({ from, until }) => meta.time > from + KNOWN_AFTER_MS && landedAt < until);
    const message = `${data.requestId} was started although everything has been stopped since ${stop?.from}`;
    return stop === undefined ? [] : [{ invariant: 'stop', run: meta.run, message }];
  });
}
