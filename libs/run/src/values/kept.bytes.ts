import { type RunEvent, storedIn } from '@interlock/contracts';
import { spend } from '../budget.js';
import type { RunState } from '../state.js';

/** With what the event says is kept outside of the log. */
export function withKeptBytes(state: RunState, event: RunEvent): RunState {
  const bytes = storedIn(keptIn(event))?.size ?? 0;
  return bytes === 0 ? state : spend(state, { keptBytes: (state.spent.keptBytes ?? 0) + bytes });
}

/** What calls and children are given, what calls have brought, and turns of bodies have given: other outputs are made of those, or pass them on. */
function keptIn({ type, data }: RunEvent): unknown {
  switch (type) {
    case 'call.requested':
      return data.attempt === 1 ? data.arguments : undefined;
    case 'child.requested':
      return data.input;
    case 'call.recorded':
      return data.outcome.kind === 'succeeded' ? data.outcome.output : undefined;
    case 'call.late_recorded':
      return data.outcome.ok ? data.outcome.output : undefined;
    case 'scope.closed':
      return data.outcome.kind === 'completed' ? data.outcome.output : undefined;
    default:
      return undefined;
  }
}
