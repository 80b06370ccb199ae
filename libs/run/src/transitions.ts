import type { RunEvent } from '@interlock/contracts';
import { agentMachine } from './agent/transitions.js';
import { approvalMachine } from './approval/transitions.js';
import { callMachine } from './call/transitions.js';
import { changesIn, type Machine } from './machine.js';
import { writeMachine } from './rollback/transitions.js';
import type { RunState } from './state.js';
import { stepMachine } from './step/transitions.js';

/** Every machine of a run that has a table. */
export const machines: Readonly<Record<string, Machine>> = {
  step: stepMachine,
  call: callMachine,
  approval: approvalMachine,
  agent: agentMachine,
  write: writeMachine,
};

/** One of a machine's kind was in a phase, heard something, and is in another phase then. */
export interface Transition {
  readonly machine: string;
  readonly from: string;
  readonly input: string;
  readonly to: string;
}

/** Every change of phase that an event has brought about in a run that has not ended with it. */
export function transitionsIn(
  before: RunState | undefined,
  event: RunEvent,
  after: RunState | undefined,
): Transition[] {
  if (after === undefined || after.end !== null) return [];
  // Each keeps its phase at another place; what has none yet is pending.
  if (event.type === 'run.migrated') return [];
  return Object.entries(machines).flatMap(([name, machine]) =>
    changesIn(machine, before, after).map(({ from, to }) => ({
      machine: name,
      from,
      input: machine.input(event, to),
      to,
    })),
  );
}

export const isNamed = ({ machine, from, input, to }: Transition): boolean =>
  machines[machine]?.table[from]?.[input]?.includes(to) === true;

/** Every transition that a table names, but for those that leave a phase as it is. */
export function everyTransition(): Transition[] {
  return Object.entries(machines).flatMap(([machine, { table }]) =>
    Object.entries(table).flatMap(([from, inputs]) =>
      Object.entries(inputs).flatMap(([input, phases]) =>
        phases.filter((to) => to !== from).map((to) => ({ machine, from, input, to })),
      ),
    ),
  );
}
