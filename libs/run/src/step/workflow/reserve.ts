import type { Amounts, Failure } from '@interlock/contracts';
import type { CompiledChildStep } from '@interlock/language';
import { callsLeft, exceeded, limitsOf, microUsd, stepsUsed } from '../../budget.js';
import { openChildren } from '../../family/state.js';
import { workflowIndexOf } from '../../scope/workflow.index.js';
import type { RunState } from '../../state.js';

type Kind = Exclude<keyof Amounts, 'calls'>;

/**
 * What a child may use at most: what its workflow says, or what the run has left, where that is less. While other children hold so much
 * that it would get less than its workflow says, it waits for one of them to end: they hold more than most of them will use.
 */
export function childReserve(
  state: RunState,
  { budget }: CompiledChildStep,
): Amounts | { readonly heldBack: Kind } | Failure {
  const left = leftOf(state);
  const short = (Object.keys(left) as Kind[]).find((kind) => left[kind] < budget[kind]);
  if (short !== undefined && openChildren(state).some((child) => child.budget !== undefined))
    return { heldBack: short };
  if (left.steps < 1) return exceeded('steps', limitsOf(state).steps);
  return {
    tokens: Math.min(budget.tokens, left.tokens),
    costUsd: Math.min(budget.costUsd, left.costUsd),
    steps: Math.min(budget.steps, left.steps),
    toolCalls: Math.min(budget.toolCalls, left.toolCalls),
    ...callsFor(state, budget),
  };
}

/** Of the tools that have a budget of their own in the run. */
function callsFor(state: RunState, { calls = {} }: CompiledChildStep['budget']): Pick<Amounts, 'calls'> {
  const left = Object.entries(callsLeft(state));
  const reserved = left.map(([tool, most]) => [tool, Math.max(0, Math.min(calls[tool] ?? most, most))]);
  return left.length === 0 ? {} : { calls: Object.fromEntries(reserved) };
}

/** Calls that an own step which is still to run may need, if its target is not well. */
const CALLS_KEPT = 10;

/** Without what the run's own steps need that are still to run beside the child, or behind it. */
function leftOf(state: RunState): Record<Kind, number> {
  const { tokens, costUsd, toolCalls, steps } = limitsOf(state);
  const { spent, closed } = state;
  const others = Math.max(0, workflowIndexOf(state.origin.compiled).all.length - closed - 1);
  const calls = Math.max(0, toolCalls - spent.toolCalls - spent.reservedCalls);
  const micro = microUsd(costUsd) - spent.microUsd - spent.reservedMicroUsd;
  return {
    tokens: Math.max(0, tokens - spent.tokens - spent.reservedTokens),
    costUsd: Math.max(0, micro / 1_000_000),
    steps: Math.max(0, steps - stepsUsed(state) - 1 - others),
    toolCalls: calls - Math.min(CALLS_KEPT * others, Math.floor(calls / 2)),
  };
}
