import { type PolicyEvent, planHashOf, type RunEvent } from '@interlock/contracts';
import { groupBy, type Logged, type Reading } from './reading.js';

/** An event as a scenario tells it. */
export type AgentSaid = readonly [type: string, data: Record<string, unknown>];

export interface AgentScenario {
  readonly run: readonly AgentSaid[];
  /** What policy says, and after how many events of the run. */
  readonly policy: readonly (readonly [after: number, said: Record<string, unknown>])[];
}

/** The reading of a scenario about one run; events are `run/1`, `run/2` and so on. */
export function agentReading({ run, policy }: AgentScenario): Reading {
  const events = run.map(
    ([type, data], at) =>
      ({
        type,
        data,
        topic: 'run.events',
        partition: 0,
        offset: at,
        landedAt: (at + 1) * 10,
        meta: { id: `run/${at + 1}`, run: 'run', seq: at + 1, time: at },
      }) as unknown as Logged<RunEvent>,
  );
  const verdicts = policy.map(
    ([after, data], at) =>
      ({
        type: 'policy.decided',
        data,
        offset: at,
        landedAt: after * 10 + 5,
        meta: { id: '', run: 'run' },
      }) as unknown as Logged<PolicyEvent>,
  );
  const verdictsByCheck = groupBy(verdicts, ({ data }) => data.checkId);
  return { runs: new Map([['run', events]]), verdicts, verdictsByCheck } as unknown as Reading;
}

const step = 'resolve';
export const tools = [{ name: 'pay', version: 1, toolHash: 'h' }];
const question = {
  model: 'local/one',
  promptHash: 'p',
  goal: 'g',
  tools,
  known: {},
  salt: 'a-salt-of-128-bits-0_0',
};
export const call = { tool: 'pay', arguments: { amount: 7 }, occurrence: 1 };
export const proposal = { calls: [call], confidence: 0.9 };

export const started = (level = 'assisted'): AgentSaid => ['agent.started', { step, level, tools }];
export const requested = (change = {}): AgentSaid => [
  'plan.requested',
  {
    step,
    round: 1,
    purpose: 'act',
    ...question,
    callHash: planHashOf(question),
    reserved: { tokens: 100, costUsd: 0.1 },
    ...change,
  },
];
export const recorded = (change = {}): AgentSaid => [
  'plan.recorded',
  {
    planId: 'run/3',
    step,
    round: 1,
    purpose: 'act',
    model: 'local/one',
    outcome: { kind: 'proposed', proposal },
    charged: { tokens: 50, costUsd: 0.05 },
    asks: true,
    ...change,
  },
];
const proposer = {
  planId: 'run/3',
  index: 0,
  model: 'local/one',
  level: 'assisted',
  confidence: 0.9,
  approvers: ['lead'],
};
export const requestedCall = (change = {}, agent: object | null = {}): AgentSaid => [
  'call.requested',
  {
    step,
    toolHash: 'h',
    effect: 'write',
    purpose: 'step',
    reserved: { costUsd: 0.01, toolCalls: 1 },
    ...call,
    ...(agent !== null && { agent: { ...proposer, ...agent } }),
    ...change,
  },
];

const budget = { tokens: 150, costUsd: 0.2, steps: 2, toolCalls: 2 };
const compiled = {
  budget: { ...budget, tokens: 200, costUsd: 0.3 },
  steps: [{ id: step, kind: 'agent', agent: { budget } }],
};
export const begun: AgentSaid = ['run.started', { compiled }];
/** The step has people approve what its model reads. */
export const begunAsking: AgentSaid = [
  'run.started',
  { compiled: { ...compiled, steps: [{ id: step, kind: 'agent', agent: { budget, reads: 'asked' } }] } },
];

const allow = { verdict: 'allow', mode: 'enforce' };
export const mayAsk = (change = {}) =>
  [3, { ...allow, checkId: 'run/3', point: 'before', ...change }] as const;
export const mayAct = (change = {}) =>
  [4, { ...allow, checkId: 'run/4', planId: 'run/3', point: 'after', ...change }] as const;
export const mayCall = (change = {}) =>
  [
    5,
    {
      ...allow,
      checkId: 'run/5',
      point: 'before',
      approval: { kind: 'single', approvers: ['lead'] },
      ...change,
    },
  ] as const;

/** A model is asked, proposes a payment, and that is requested for people to approve. */
export const healthy: AgentScenario = {
  run: [begun, started(), requested(), recorded(), requestedCall()],
  policy: [mayAsk(), mayAct(), mayCall()],
};
