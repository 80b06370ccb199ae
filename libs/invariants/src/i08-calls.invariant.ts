import type { RunEvent } from '@interlock/contracts';
import { isNamed, type RunState, transitionsIn } from '@interlock/run';
import type { Logged } from './reading.js';
import type { Invariant, Violation } from './view.js';

/** I8: no step, call, approval, agent or write of a run comes from one phase to another in a way that its table does not name. */
export const callsKeepTheirTable: Invariant = ({ runs, states }) =>
  [...runs].flatMap(([run, events]) => checkRun(run, events, states.get(run) ?? []));

function checkRun(
  run: string,
  events: readonly Logged<RunEvent>[],
  states: readonly (RunState | undefined)[],
): Violation[] {
  return events.flatMap((event, at) =>
    transitionsIn(states[at - 1], event, states[at])
      .filter((transition) => !isNamed(transition))
      .map(({ machine, from, input, to }) => {
        const message = `at ${event.meta.id} a ${machine} in phase ${from} moved to ${to} on ${input}, which its table does not name`;
        return { invariant: 'I8', run, message };
      }),
  );
}
