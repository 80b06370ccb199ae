import { countCalls, microUsd, spend } from '../../budget.js';
import type { DataOf, EvolveBy } from '../../evolving.js';
import { type OpenChild, openChildren } from '../../family/state.js';
import { childWrote } from '../../rollback/evolve.js';
import type { RunState } from '../../state.js';
import { putStep, shapeStep, startStep, stepNamed } from '../steps.js';
import { type ChildWork, childOf } from './work.js';

const childAwaited = (state: RunState, { step }: DataOf<'child.awaited'>): RunState =>
  startStep(state, stepNamed(state, step), 'running', { kind: 'workflow' });

/** All that the child may use is reserved for it. */
function childRequested(state: RunState, data: DataOf<'child.requested'>): RunState {
  const { step, runId, workflow, input, budget, deadline, inherited, shapedBy } = data;
  const child: OpenChild = {
    runId,
    step,
    workflow,
    ...(budget === undefined ? {} : { budget }),
    ...(deadline === undefined ? {} : { deadline }),
    at: {
      phase: 'requested',
      input: input ?? null,
      shapedBy,
      ...(inherited === undefined ? {} : { inherited }),
    },
  };
  const work: ChildWork = { kind: 'workflow', child: runId };
  const started = startStep(state, stepNamed(state, step), 'running', work);
  return {
    ...(budget === undefined ? started : reserved(started, budget, 1)),
    children: [...openChildren(state), child],
    childrenStarted: (state.childrenStarted ?? 0) + 1,
  };
}

/** A detached child is not waited for any more. */
const childStarted = (state: RunState, { runId }: DataOf<'child.started'>): RunState => ({
  ...state,
  children: openChildren(state).flatMap((child) => {
    if (child.runId !== runId) return [child];
    return child.budget === undefined ? [] : [{ ...child, at: { phase: 'started' } }];
  }),
});

const cancelRequested = (state: RunState, data: DataOf<'child.cancel_requested'>): RunState => {
  const { runId, because, reason, rollback } = data;
  return {
    ...state,
    children: openChildren(state).map((child) =>
      child.runId === runId ? { ...child, cancel: { because, reason, rollback } } : child,
    ),
  };
};

/** What the child has used is spent here too; what it has not is free again. */
function childEnded(before: RunState, data: DataOf<'child.ended'>): RunState {
  const { step: path, runId, status, output, used, wrote, shapedBy } = data;
  const child = openChildren(before).find((one) => one.runId === runId);
  const step = stepNamed(before, path);
  const left = { ...before, children: openChildren(before).filter((one) => one !== child) };
  const settled = child?.budget === undefined ? left : reserved(left, child.budget, -1);
  const { spent } = settled;
  const paid = spend(countCalls(settled, used.calls ?? {}), {
    tokens: spent.tokens + used.tokens,
    microUsd: spent.microUsd + microUsd(used.costUsd),
    steps: spent.steps + used.steps,
    toolCalls: spent.toolCalls + used.toolCalls,
  });
  const shaped = shapeStep(paid, step, ...shapedBy);
  const work = childOf(shaped, step);
  const given: ChildWork | undefined =
    work?.child === runId && status === 'completed' ? { ...work, output: output ?? null } : undefined;
  const kept = given === undefined ? shaped : putStep(shaped, step, { work: given });
  return wrote ? childWrote(kept, { child: runId, step: path }, status === 'completed') : kept;
}

function reserved(
  state: RunState,
  { tokens, costUsd, steps, toolCalls, calls = {} }: NonNullable<OpenChild['budget']>,
  times: 1 | -1,
): RunState {
  const byTool = Object.entries(calls).map(([tool, most]) => [tool, times * most]);
  const { reservedTokens, reservedMicroUsd, reservedCalls, reservedSteps = 0 } = state.spent;
  return spend(countCalls(state, Object.fromEntries(byTool)), {
    reservedTokens: reservedTokens + times * tokens,
    reservedMicroUsd: reservedMicroUsd + times * microUsd(costUsd),
    reservedCalls: reservedCalls + times * toolCalls,
    reservedSteps: reservedSteps + times * steps,
  });
}

export const childEvents: EvolveBy<
  'child.awaited' | 'child.requested' | 'child.started' | 'child.cancel_requested' | 'child.ended'
> = {
  'child.awaited': childAwaited,
  'child.requested': childRequested,
  'child.started': childStarted,
  'child.cancel_requested': cancelRequested,
  'child.ended': childEnded,
};
