import { openChild } from '../../family/state.js';
import type { StepKind } from '../kind.js';
import { givenByChild } from './given.js';
import { startAwaited, startWorkflow, timeOut } from './start.js';
import { childOf } from './work.js';

/** Starts a run of another workflow, and completes with its output. */
export const workflowKind: StepKind = {
  starts: { 'child.requested': ['running'], 'child.awaited': ['running'] },
  expressions: (definition) => (definition.kind === 'workflow' ? definition.with : undefined),
  start: startWorkflow,
  drive: startAwaited,
  wait(state, step, tell) {
    const { child: runId } = childOf(state, step) ?? {};
    if (runId === undefined) return tell('child', 'other children hold what is left of the budget');
    const child = openChild(state, runId);
    if (child === undefined) return tell('call', 'its turn', state.origin.deadline);
    const { name, version } = child.workflow;
    return { ...tell('child', `run ${runId} of ${name}@${version}`, child.deadline), runId };
  },
  onTimeout: timeOut,
  endsByItself(state, step) {
    const { child } = childOf(state, step) ?? {};
    return child !== undefined && openChild(state, child)?.cancel !== undefined;
  },
  output: (state, step) => childOf(state, step)?.output,
  gives: { fields: ['workflow', 'detached'], schema: givenByChild },
};
