import { terminalEventTypes } from '@interlock/contracts';
import type { Invariant, Violation } from './view.js';

/** What may follow the end of a run. */
const afterwards: ReadonlySet<string> = new Set(['call.late_recorded', 'command.refused']);

/** I3: a run ends once; afterwards only late outcomes, and commands that came too late, are recorded. */
export const oneEnd: Invariant = ({ runs }) => {
  const violations: Violation[] = [];
  for (const [run, events] of runs) {
    const end = events.findIndex(({ type }) => terminalEventTypes.has(type));
    if (end < 0) continue;
    const more = events.slice(end + 1).find(({ type }) => !afterwards.has(type));
    if (more === undefined) continue;
    const message = `${more.type} (seq ${more.meta.seq}) follows ${events[end]?.type}`;
    violations.push({ invariant: 'I3', run, message });
  }
  return violations;
};
