import {
  ChildAwaited,
  ChildCancelRequested,
  ChildRequested,
  type Failure,
  type InheritedInfluence,
  runIdOfChild,
} from '@interlock/contracts';
import { type CompiledWorkflow, resolve } from '@interlock/language';
import { misfitOf } from '@interlock/schema';
import { shapersOf } from '../../approval/shaping.js';
import { stepDeadline } from '../../call/deadline.js';
import type { DecisionDraft } from '../../decision.draft.js';
import { openChild } from '../../family/state.js';
import type { StepIndex } from '../../indices.js';
import { influenceMark } from '../../influence.js';
import { misfitText } from '../../misfit.js';
import { fitting, tooLargeToKeep } from '../../output.size.js';
import { passedPivot } from '../../rollback/decide.js';
import { failStep } from '../fail.js';
import { expressionFailure } from '../tool/start.js';
import { childReserve } from './reserve.js';
import { childOf } from './work.js';

/** Children of one run, ended ones included. */
const CHILDREN_MAX = 10_000;

/** Requests a run of the workflow that the step names: it starts once this is accepted. */
export function startWorkflow(draft: DecisionDraft, step: StepIndex): undefined {
  const definition = draft.definitionOf(step, 'workflow');
  const { id, workflow, detached } = definition;
  const input = inputOf(draft, step);
  if ('failure' in input) return failStep(draft, step, input.failure);
  const { childrenStarted = 0 } = draft.state;
  if (childrenStarted >= CHILDREN_MAX) return failStep(draft, step, tooMany);
  const reserve = detached === true ? undefined : childReserve(draft.state, definition);
  if (reserve !== undefined && 'class' in reserve) return failStep(draft, step, reserve);
  if (reserve !== undefined && 'heldBack' in reserve) {
    if (childOf(draft.state, step) === undefined)
      draft.emit(ChildAwaited({ step: id, budget: reserve.heldBack }));
    return;
  }
  const named = fitting(draft, input.value);
  if ('class' in named) return failStep(draft, step, named);
  const inherited = inheritedBy(draft, id);
  draft.emit(
    ChildRequested({
      step: id,
      runId: runIdOfChild(draft.key, id, draft.step(step).generation),
      workflow,
      input: named.output,
      shapedBy: shapersOf(draft.state, step),
      ...(inherited.length === 0 ? {} : { inherited }),
      ...(reserve === undefined ? {} : { budget: reserve, deadline: stepDeadline(draft, step) }),
    }),
  );
}

/** One that waits for others to give back what they hold. */
export function startAwaited(draft: DecisionDraft, step: StepIndex): undefined {
  const work = childOf(draft.state, step);
  if (draft.step(step).at.status === 'running' && work !== undefined && work.child === undefined)
    startWorkflow(draft, step);
}

const tooMany: Failure = {
  class: 'budget_exceeded',
  code: 'child.too_many',
  message: `the run has started ${CHILDREN_MAX} children; at most as many`,
};

function inputOf(
  draft: DecisionDraft,
  step: StepIndex,
): { readonly value: unknown } | { readonly failure: Failure } {
  try {
    const scope = draft.scopeOf(step);
    const value = resolve(draft.definitionOf(step, 'workflow').with, scope, ['with']);
    const tooLarge = tooLargeToKeep(draft, value);
    if (tooLarge !== undefined)
      return { failure: { ...tooLarge, class: 'invalid_input', code: 'run.too_large' } };
    const failure = misfitOfLarge(draft, step, value);
    return failure === undefined ? { value } : { failure };
  } catch (error) {
    return { failure: expressionFailure(error) };
  }
}

/** Why the child does not take an input that it will see by reference: only this run has the whole of it. */
function misfitOfLarge(draft: DecisionDraft, step: StepIndex, value: unknown): Failure | undefined {
  if (!draft.values.leavesLog(value)) return undefined;
  const { name, hash } = draft.definitionOf(step, 'workflow').workflow;
  const { compiled } = draft.settings.workflow(hash) ?? {};
  if (compiled === undefined)
    return invalid('workflow.unknown', `no workflow ${name} with hash ${hash} is published`);
  // Nothing but a workflow that the registry has compiled is published under such a hash.
  const misfit = misfitOf((compiled as CompiledWorkflow).inputSchema, value);
  return misfit && invalid('schema.mismatch', `the input ${misfitText(misfit)}`);
}

const invalid = (code: string, message: string): Failure => ({
  class: 'invalid_input',
  code,
  message: message.slice(0, 4_000),
});

/** Whatever led to the step leads to all that the child does; which workflow has the agent step is known where the mark came from. */
function inheritedBy({ state }: DecisionDraft, step: string): InheritedInfluence[] {
  const { origin, influence } = state;
  const above = new Map((influence.inherited ?? []).map((mark) => [mark.plan, mark]));
  return (influenceMark(state, step).influencedBy ?? []).map(
    (mark) => above.get(mark.plan) ?? { ...mark, workflow: origin.compiled.hash },
  );
}

/** Its time is up: the child ends, and the step with it. */
export function timeOut(draft: DecisionDraft, step: StepIndex, failure: Failure): undefined {
  const { child: runId } = childOf(draft.state, step) ?? {};
  const child = runId === undefined ? undefined : openChild(draft.state, runId);
  if (child === undefined) return failStep(draft, step, failure);
  const reason = `the step of run ${draft.key} above it: ${failure.message}`.slice(0, 2_000);
  const rollback = passedPivot(draft) === undefined;
  draft.emit(
    ChildCancelRequested({ step: child.step, runId: child.runId, because: 'timeout', reason, rollback }),
  );
}
