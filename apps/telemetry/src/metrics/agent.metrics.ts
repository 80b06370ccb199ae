import { counter, histogram, type MetricDefinition } from './definition.js';

/** From a small model on this machine to one that thinks, in seconds. */
const MODEL = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;
/** Shares. */
const SHARE = [0, 0.25, 0.5, 0.75, 0.9, 0.99, 1] as const;

const step = ['workflow', 'step'] as const;

/* Autonomy */
export const agentSteps = counter(
  'interlock_agent_steps_total',
  'Agent steps started, by the level that acts',
  [...step, 'level'],
);
export const agentOutcomes = counter(
  'interlock_agent_outcomes_total',
  'Agent steps ended, by level and by where the output came from: agent, baseline, or none',
  [...step, 'level', 'source'],
);
export const agentFallbacks = counter(
  'interlock_agent_fallbacks_total',
  'Times a model stopped acting and rules were to act in its stead, by why',
  [...step, 'because'],
);
export const shadowPlans = counter(
  'interlock_shadow_plans_total',
  'Plans beside the rules, by whether they proposed the same output',
  [...step, 'agrees'],
);

/* Efficiency */
export const plans = counter('interlock_plans_total', 'Requests to models that were answered, by how', [
  'workflow',
  'model',
  'purpose',
  'outcome',
]);
export const planSeconds = histogram(
  'interlock_plan_seconds',
  'Time of a request to a model; work: the planner worked, queue: from the request to the answer without that',
  ['model', 'part'],
  MODEL,
);
export const tokens = counter(
  'interlock_tokens_total',
  'Tokens; assumed: the worst case, charged because nobody knows',
  ['workflow', 'version', 'model', 'kind'],
);
export const modelCost = counter(
  'interlock_model_cost_usd_total',
  'What requests to models were charged, USD',
  ['workflow', 'version', 'model'],
);

/* Risk */
export const proposedCalls = counter(
  'interlock_proposed_calls_total',
  'Calls that models proposed, by what became of them',
  [...step, 'result'],
);

/* Quality */
export const groundedness = histogram(
  'interlock_groundedness_ratio',
  'Of an output that a model proposed, the share of claims that stand in what it was told; outputs without a claim are not counted',
  [...step, 'purpose'],
  SHARE,
);

/** What is counted over the events of agent steps. */
export const agentMetrics: readonly MetricDefinition[] = [
  agentSteps,
  agentOutcomes,
  agentFallbacks,
  shadowPlans,
  plans,
  planSeconds,
  tokens,
  modelCost,
  proposedCalls,
  groundedness,
];
