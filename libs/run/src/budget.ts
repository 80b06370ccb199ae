import { BudgetWarned, type Failure, type Message } from '@interlock/contracts';
import type { RunState } from './state.js';

export const microUsd = (usd: number): number => Math.round(usd * 1_000_000);

const limitsOf = ({ origin }: RunState) => origin.compiled.budget;

const exceeded = (budget: string, limit: number): Failure => ({
  class: 'budget_exceeded',
  code: `budget.${budget}`,
  message: `the run's budget of ${limit} ${budget} is used up`,
});

/** What stands against one more step; undefined: nothing. */
export function refuseStep(state: RunState): Failure | undefined {
  const { steps } = limitsOf(state);
  return state.spent.steps + 1 > steps ? exceeded('steps', steps) : undefined;
}

/** What stands against reserving one more call that costs at most this much. */
export function refuseCall(state: RunState, cost: number): Failure | undefined {
  const { toolCalls, costUsd } = limitsOf(state);
  const { spent } = state;
  if (spent.toolCalls + spent.reservedCalls + 1 > toolCalls) return exceeded('toolCalls', toolCalls);
  if (spent.microUsd + spent.reservedMicroUsd + cost > microUsd(costUsd)) return exceeded('costUsd', costUsd);
  return undefined;
}

export const durationExceeded = (state: RunState): Failure => ({
  class: 'budget_exceeded',
  code: 'budget.duration',
  message: `the run's ${limitsOf(state).durationMs} ms are over`,
});

/** From here on a budget counts as nearly used up. */
const WARN_AT = 0.8;

/** Announced once for each budget. */
export function warnings(state: RunState): Message[] {
  const { steps, toolCalls, costUsd, durationMs } = limitsOf(state);
  const { spent, origin } = state;
  const elapsed = state.time - origin.startedAt;
  const used: readonly [string, number, number][] = [
    ['steps', spent.steps, steps],
    ['toolCalls', spent.toolCalls + spent.reservedCalls, toolCalls],
    ['costUsd', (spent.microUsd + spent.reservedMicroUsd) / 1_000_000, costUsd],
    ['durationMs', elapsed, durationMs],
  ];
  return used
    .filter(
      ([name, amount, limit]) => amount > 0 && amount >= WARN_AT * limit && !spent.warned.includes(name),
    )
    .map(([budget, amount, limit]) => BudgetWarned({ budget, used: amount, limit }));
}
