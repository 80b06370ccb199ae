import type { Scope, StepScope } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { kindAt } from '../step/index.js';
import { stepAt } from '../step/steps.js';
import { stepIn } from './workflow.index.js';

/** What expressions see: only these steps, so that the cost does not grow with the run. */
export function scopeOf(state: RunState, steps: readonly StepIndex[]): Scope {
  const { origin } = state;
  const { name, version } = origin.workflow;
  const seen = steps.map(
    (step) => [stepIn(origin.compiled, step).definition.id, seenAt(state, step)] as const,
  );
  return {
    input: origin.input,
    steps: Object.fromEntries(seen),
    run: { id: origin.runId, workflow: name, version, requester: origin.by.sub, startedAt: origin.startedAt },
  };
}

function seenAt(state: RunState, step: StepIndex): StepScope {
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
