import { storedIn } from '@interlock/contracts';
import type { Scope } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { kindAt } from '../step/index.js';
import { stepAt } from '../step/steps.js';
import type { RunValues } from '../values/run.values.js';
import type { ScopeState } from './scope.state.js';
import { scopeHolding } from './scopes.js';
import { bodyAt, namedFrom, stepIn, workflowIndexOf } from './workflow.index.js';

/** How the outputs that are kept outside of the log are read. */
export type Reading = Pick<RunValues, 'read' | 'allRead'>;

/* What expressions see: only the steps that they may name, so that the cost does not grow with the run. */

/** What the expressions of a step see. */
export function scopeOf(state: RunState, step: StepIndex, values: Reading): Scope {
  const { named, readsInput } = stepIn(state, step);
  return seeing(state, { steps: named, readsInput }, scopeHolding(state, step), values);
}

/** What is seen at the end of a turn. */
export const scopeAtTurnEnd = (state: RunState, scope: ScopeState, values: Reading): Scope => {
  const { place } = scope;
  const { namedAtEnd, readsInputAtEnd: readsInput } = bodyAt(state, place.body);
  return seeing(state, { steps: namedFrom(state, place, namedAtEnd), readsInput }, scope, values);
};

/** What is seen at the end of the run. */
export function scopeAtEnd(state: RunState, steps: readonly StepIndex[], values: Reading): Scope {
  const { readsInputAtEnd: readsInput } = workflowIndexOf(state.origin.compiled);
  return seeing(state, { steps, readsInput }, undefined, values);
}

/** What expressions may name. */
interface Named {
  readonly steps: readonly StepIndex[];
  readonly readsInput: boolean;
}

function seeing(
  state: RunState,
  { steps, readsInput }: Named,
  within: ScopeState | undefined,
  values: Reading,
): Scope {
  const { origin } = state;
  const { name, version } = origin.workflow;
  const seen = steps.map((step) => [stepIn(state, step).name, wholeAt(state, step, values)] as const);
  // What nobody names is not loaded.
  const isRead = readsInput || storedIn(origin.input) === undefined;
  const input = isRead ? values.read(origin.input) : undefined;
  values.allRead();
  const scope: Scope = {
    input,
    steps: Object.fromEntries(seen),
    run: { id: origin.runId, workflow: name, version, requester: origin.by.sub, startedAt: origin.startedAt },
  };
  return within === undefined ? scope : { ...scope, locals: localsOf(state, within, values) };
}

/** With the output itself, wherever it is kept. */
function wholeAt(state: RunState, step: StepIndex, { read }: Reading): Scope['steps'][string] {
  const seen = seenAt(state, step);
  return seen.output === undefined ? seen : { ...seen, output: read(seen.output) };
}

function seenAt(state: RunState, step: StepIndex): Scope['steps'][string] {
  const { at } = stepAt(state, step);
  switch (at.status) {
    case 'failed':
    case 'fell_back':
    case 'parked':
      return { status: 'failed', failure: at.failure };
    case 'completed':
      return { status: 'completed', output: at.output };
    case 'skipped':
      return at.output === undefined ? { status: 'skipped' } : { status: 'completed', output: at.output };
    case 'pending':
    case 'running':
    case 'waiting': {
      const output = kindAt(state, step).output?.(state, step);
      return output === undefined ? { status: at.status } : { status: 'completed', output };
    }
  }
}

/** What the turns around have names for. */
function localsOf(state: RunState, within: ScopeState, values: Reading): Record<string, unknown> {
  const locals: Record<string, unknown> = {};
  for (let at: ScopeState | undefined = within; at !== undefined; at = scopeHolding(state, at.place.owner)) {
    const { owner, turn } = at.place;
    const local = kindAt(state, owner).turns?.local?.(state, owner, turn, values);
    if (local !== undefined) locals[local.name] = local.value;
  }
  return locals;
}
