import { BudgetWarned, type Failure, type MessageOf } from '@interlock/contracts';
import type { CompiledAgentStep, CompiledBudget, ToolPin } from '@interlock/language';
import { openPlanAt } from './agent/agents.js';
import type { AgentState } from './agent/state.js';
import { openChildren } from './family/state.js';
import type { Spent } from './life/state.js';
import type { AgentSettings, Settings } from './options.js';
import type { RunState } from './state.js';

export const microUsd = (usd: number): number => Math.round(usd * 1_000_000);

/** What one call of the tool costs at most, USD. */
export const costOf = ({ tool }: Pick<Settings, 'tool'>, { toolHash }: Pick<ToolPin, 'toolHash'>): number =>
  tool(toolHash)?.costUsd ?? 0;

export const spend = (state: RunState, change: Partial<Spent>): RunState => ({
  ...state,
  spent: { ...state.spent, ...change },
});

/** Of the workflow, or of the run above where that has less left. */
export const limitsOf = ({ origin }: RunState): CompiledBudget => origin.budget ?? origin.compiled.budget;

export const exceeded = (budget: string, limit: number, of: 'run' | 'step' = 'run'): Failure => ({
  class: 'budget_exceeded',
  code: `budget.${budget}`,
  message: `the ${of}'s budget of ${limit} ${budget} is used up`,
});

/** With those that children may still start. */
export const stepsUsed = ({ spent }: RunState): number => spent.steps + (spent.reservedSteps ?? 0);

/** Why one more step is not allowed; undefined: it is. */
export function refuseStep(state: RunState, { values }: Pick<Settings, 'values'>): Failure | undefined {
  const keptBytes = state.spent.keptBytes ?? 0;
  if (values !== undefined && keptBytes > values.runBytesMax)
    return tooMuchKept(keptBytes, values.runBytesMax);
  const { steps } = limitsOf(state);
  return stepsUsed(state) + 1 > steps ? exceeded('steps', steps) : undefined;
}

const tooMuchKept = (bytes: number, bytesMax: number): Failure => ({
  class: 'budget_exceeded',
  code: 'value.run_total',
  message: `the run keeps ${bytes} bytes outside of the log; at most ${bytesMax}, as INTERLOCK_RUN_VALUES_MB says`,
});

/** Calls of tools that have a budget of their own: more of them, or fewer. */
export function countCalls(state: RunState, more: Readonly<Record<string, number>>): RunState {
  const { calls = {} } = limitsOf(state);
  const counted = Object.entries(more).filter(([tool]) => calls[tool] !== undefined);
  if (counted.length === 0) return state;
  const { byTool = {} } = state.spent;
  const sums = counted.map(([tool, by]) => [tool, (byTool[tool] ?? 0) + by]);
  return spend(state, { byTool: { ...byTool, ...Object.fromEntries(sums) } });
}

/** How often the run may still call each tool that has a budget of its own. */
export function callsLeft(state: RunState): Readonly<Record<string, number>> {
  const { calls = {} } = limitsOf(state);
  const { byTool = {} } = state.spent;
  return Object.fromEntries(
    Object.entries(calls).map(([tool, limit]) => [tool, limit - (byTool[tool] ?? 0)]),
  );
}

const callsExceeded = (tool: string, limit: number, of: 'run' | 'step' = 'run'): Failure => ({
  class: 'budget_exceeded',
  code: 'budget.calls',
  message: `the ${of}'s budget of ${limit} calls of ${tool} is used up`,
});

/** Why a call of the tool that costs at most this much may not be reserved; undefined: it may. */
export function refuseCall(state: RunState, cost: number, tool: string): Failure | undefined {
  const { toolCalls, costUsd, calls = {} } = limitsOf(state);
  if ((callsLeft(state)[tool] ?? 1) < 1) return callsExceeded(tool, calls[tool] ?? 0);
  const { spent } = state;
  if (spent.toolCalls + spent.reservedCalls + 1 > toolCalls) return exceeded('toolCalls', toolCalls);
  if (spent.microUsd + spent.reservedMicroUsd + cost > microUsd(costUsd)) return exceeded('costUsd', costUsd);
  return undefined;
}

/** A request for fewer tokens than this is not worth making. */
const PLAN_TOKENS_MIN = 200;

/** What a request to a model may use at most, of what its step and the run have left. */
export function planReserve(
  state: RunState,
  { agent: { budget } }: CompiledAgentStep,
  agent: AgentState,
  { tokensMax, costUsdMax = Infinity }: Pick<AgentSettings, 'tokensMax' | 'costUsdMax'>,
): { readonly tokens: number; readonly costUsd: number } | Failure {
  const { spent } = state;
  const run = limitsOf(state);
  const tokens = Math.min(
    tokensMax,
    budget.tokens - agent.tokens,
    run.tokens - spent.tokens - spent.reservedTokens,
  );
  const micro = Math.min(
    microUsd(budget.costUsd) - agent.microUsd,
    microUsd(run.costUsd) - spent.microUsd - spent.reservedMicroUsd,
  );
  if (tokens < PLAN_TOKENS_MIN) return exceeded('tokens', Math.min(budget.tokens, run.tokens));
  if (micro <= 0) return exceeded('costUsd', Math.min(budget.costUsd, run.costUsd));
  return { tokens, costUsd: Math.min(micro, microUsd(costUsdMax)) / 1_000_000 };
}

/** Why the budget of the step does not allow one more proposed call; undefined: it does. */
export function refuseProposed(
  { agent: { budget } }: CompiledAgentStep,
  agent: AgentState,
  { cost, tool }: { readonly cost: number; readonly tool: string },
): Failure | undefined {
  const limit = budget.calls?.[tool];
  if (limit !== undefined && (agent.byTool?.[tool] ?? 0) >= limit) return callsExceeded(tool, limit, 'step');
  if (agent.toolCalls + 1 > budget.toolCalls) return exceeded('toolCalls', budget.toolCalls, 'step');
  if (agent.microUsd + cost > microUsd(budget.costUsd)) return exceeded('costUsd', budget.costUsd, 'step');
  return undefined;
}

export const roundsExceeded = ({ agent: { budget } }: CompiledAgentStep): Failure =>
  exceeded('steps', budget.steps, 'step');

export function durationExceeded(state: RunState): Failure {
  const { startedAt, deadline, compiled } = state.origin;
  const { completeMs, onBreach } = compiled.sla ?? {};
  if (completeMs !== undefined && onBreach === 'fail' && deadline === startedAt + completeMs)
    return {
      class: 'timeout',
      code: 'sla.breached',
      message: `not complete within the service level of ${completeMs} ms`,
    };
  const message = `the run's ${limitsOf(state).durationMs} ms are over`;
  return { class: 'budget_exceeded', code: 'budget.duration', message };
}

/** From here on a budget counts as nearly used up. */
const WARN_AT = 0.8;

/** A request to a model reserves all that is left and gives most of it back, so it is not a sign that the budget runs out. */
const plannedMicroUsd = (state: RunState): number =>
  state.openPlans.reduce((sum, step) => sum + openPlanAt(state, step).microUsd, 0);

/** The same holds for what a child reserves. */
const held = (state: RunState, kind: 'toolCalls' | 'costUsd'): number =>
  openChildren(state).reduce((sum, { budget }) => sum + (budget?.[kind] ?? 0), 0);

/** Announced once for each budget. */
export function warnings(state: RunState): MessageOf<typeof BudgetWarned>[] {
  const { steps, toolCalls, tokens, costUsd, durationMs } = limitsOf(state);
  const { spent, origin } = state;
  const elapsed = state.time - origin.startedAt;
  const micro = spent.microUsd + spent.reservedMicroUsd;
  const used: readonly [string, number, number][] = [
    ['steps', spent.steps, steps],
    ['toolCalls', spent.toolCalls + spent.reservedCalls - held(state, 'toolCalls'), toolCalls],
    ['tokens', spent.tokens, tokens],
    ['costUsd', (micro - plannedMicroUsd(state)) / 1_000_000 - held(state, 'costUsd'), costUsd],
    ['durationMs', elapsed, durationMs],
  ];
  return used
    .filter(
      ([name, amount, limit]) => amount > 0 && amount >= WARN_AT * limit && !spent.warned.includes(name),
    )
    .map(([budget, amount, limit]) => BudgetWarned({ budget, used: amount, limit }));
}
