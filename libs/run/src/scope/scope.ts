import type { Scope, StepScope } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import type { RunState, StepState } from '../state.js';
import { stepAt, workflowIndexOf } from './workflow.index.js';

/** What expressions see: only the steps at `places`, so that the cost does not grow with the run. */
export function scopeOf(state: RunState, places: readonly StepIndex[]): Scope {
  const { origin } = state;
  const { steps } = workflowIndexOf(origin.compiled);
  const { name, version } = origin.workflow;
  return {
    input: origin.input,
    steps: Object.fromEntries(places.map((place) => [steps[place]!.id, seen(stepAt(state, place))])),
    run: { id: origin.runId, workflow: name, version, requester: origin.by.sub, startedAt: origin.startedAt },
  };
}

function seen({ status, output, failure }: StepState): StepScope {
  const failed = status === 'failed' || status === 'fell_back' || status === 'parked';
  if (failed) return { status: 'failed', ...(failure === undefined ? {} : { failure }) };
  return output === undefined ? { status } : { status: 'completed', output };
}
