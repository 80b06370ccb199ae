import { everyTransition, type Transition, transitionsIn } from '@interlock/run';
import type { Simulated } from '../simulate.js';
import { isDrawn } from './drawn.js';

/** What struck at most this long before a transition met it, ms. */
const MEETS_MS = 1_500;

/** How often each transition of a machine of a run met each fault: by transition, then by fault. `''` counts those that none met. */
export type Coverage = Map<string, Map<string, number>>;

/** Adds what the drawn documents of one seed took. */
export function addCoverage(coverage: Coverage, { reading, struck }: Simulated): void {
  for (const [run, events] of reading.runs) {
    const [started] = events;
    if (started?.type !== 'run.started' || !isDrawn(started.data.workflow.name)) continue;
    const states = reading.states.get(run) ?? [];
    for (const [at, event] of events.entries()) {
      const faults = faultsBefore(struck, event.landedAt ?? 0);
      for (const transition of transitionsIn(states[at - 1], event, states[at]))
        count(coverage, nameOf(transition), faults);
    }
  }
}

const nameOf = ({ machine, from, to, input }: Transition): string => `${machine} ${from} > ${to} (${input})`;

/** Transitions that the tables of a run name, and that no run has taken. */
export const neverTaken = (coverage: Coverage): string[] =>
  everyTransition()
    .map(nameOf)
    .filter((transition) => !coverage.has(transition));

function faultsBefore(struck: Simulated['struck'], instant: number): ReadonlySet<string> {
  const near = struck.filter(({ at }) => at <= instant && at > instant - MEETS_MS);
  return new Set(near.map(({ what }) => what));
}

function count(coverage: Coverage, transition: string, faults: ReadonlySet<string>): void {
  const row = coverage.get(transition) ?? new Map<string, number>();
  for (const fault of faults.size === 0 ? [''] : faults) row.set(fault, (row.get(fault) ?? 0) + 1);
  coverage.set(transition, row);
}

/** As a table: a line for each transition, a column for each fault, and how much of it is covered. */
export function coverageTable(coverage: Coverage): string {
  const faults = faultsIn(coverage);
  const lines = [...coverage]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([transition, row]) => [transition, ...faults.map((fault) => row.get(fault) ?? 0)].join('\t'));
  const { pairs, met } = sharesOf(coverage);
  const head = ['transition', ...faults.map((fault) => fault || 'none')].join('\t');
  const never = neverTaken(coverage);
  return [
    head,
    ...lines,
    `${met} of ${pairs} pairs of a transition and a fault`,
    `${never.length} of ${everyTransition().length} transitions were never taken`,
    ...never.map((transition) => `  ${transition}`),
  ].join('\n');
}

const faultsIn = (coverage: Coverage): string[] =>
  [...new Set([...coverage.values()].flatMap((row) => [...row.keys()]))].sort();

/** How many pairs of a transition that was taken and a fault there are, and how many of them met. */
export function sharesOf(coverage: Coverage): { readonly pairs: number; readonly met: number } {
  const faults = faultsIn(coverage).filter((fault) => fault !== '');
  const met = [...coverage.values()].flatMap((row) => faults.filter((fault) => row.has(fault))).length;
  return { pairs: coverage.size * faults.length, met };
}
