import type { Input } from '@interlock/actors';
import {
  type Failure,
  type MessageOf,
  PlanFailed,
  PlanProposed,
  type PlanRequested,
  type Proposal,
} from '@interlock/contracts';
import type { CompiledAgentStep } from '@interlock/language';
import { delivered } from '@interlock/testing';
import type { RunActorOptions } from '../src/index.js';
import { type Decided, decided, type RunScenario, runId } from './run-scenario.js';
import { read, undoable } from './workflows.js';

type Agent = CompiledAgentStep['agent'];

const call = (name: string, like = read) => {
  const { kind, id, needs, with: args, ...pinned } = like(name);
  return pinned;
};

/** The tools of `agent`, by name: a read, and two writes, of which the first can be undone. */
export const look = 'look.get';
export const pay = 'pay.get';
export const mail = 'mail.get';

/** An agent step whose rules say `{ by: 'rules' }`. */
export const agent = (
  id: string,
  extra: Partial<Agent> = {},
  step: Partial<CompiledAgentStep> = {},
): CompiledAgentStep => ({
  kind: 'agent',
  id,
  needs: [],
  timeout: {},
  agent: {
    goal: `do ${id}`,
    tools: [
      call('look'),
      call('pay', undoable),
      call('mail', (name) => ({ ...undoable(name), compensate: undefined }) as never),
    ],
    budget: { tokens: 10_000, costUsd: 1, steps: 5, toolCalls: 5 },
    reflectRounds: 0,
    minConfidence: 0,
    baseline: {
      table: { name: 'rules', version: 1, hash: 'hash of rules', rules: [], otherwise: { by: 'rules' } },
    },
    prompt: { name: 'interlock.agent', version: 1, hash: 'hash of the prompt' },
    approvers: ['lead'],
    levelMax: 'assisted',
    ...extra,
  },
  ...step,
});

/** Models may act. */
export const assisted: Partial<RunActorOptions> = {
  agents: {
    level: 'assisted',
    model: 'openai/one',
    fallbackModel: 'openai/two',
    timeoutMs: 1_000,
    tokensMax: 4_000,
  },
};
export const shadow: Partial<RunActorOptions> = { agents: { ...assisted.agents!, level: 'shadow' } };

export type Request = MessageOf<typeof PlanRequested>['data'] & { readonly planId: string };

/** The newest request to the planner. */
export function requested(scenario: RunScenario): Request {
  const event = scenario.last('plan.requested');
  return { ...(event.data as MessageOf<typeof PlanRequested>['data']), planId: event.id };
}

const fromPlanner = (message: { type: string; data: unknown }): Input =>
  delivered('plan.events', message, { run: runId });

export const propose = (scenario: RunScenario, proposal: Partial<Proposal>, answer = {}): Input => {
  const { planId, model } = requested(scenario);
  return fromPlanner(
    PlanProposed({
      planId,
      model,
      tookMs: 5,
      usage: { inputTokens: 100, outputTokens: 20 },
      costUsd: 0.001,
      raw: 'as it came',
      proposal: { calls: [], confidence: 0.9, reasoning: '', alternatives: [], evidence: [], ...proposal },
      ...answer,
    }),
  );
};

export const unplanned = (scenario: RunScenario, failure: Partial<Failure> = {}, answer = {}): Input => {
  const { planId, model } = requested(scenario);
  const full: Failure = { class: 'transient', code: 'http.500', message: 'broken', ...failure };
  return fromPlanner(PlanFailed({ planId, model, tookMs: 5, called: true, failure: full, ...answer }));
};

/** The verdict on the newest request. */
export const beforePlan = (scenario: RunScenario, extra: Decided = {}): Input => {
  const { planId } = requested(scenario);
  return decided({ checkId: planId, callHash: 'of the question' }, extra);
};

/** The verdict on the newest proposal. */
export const afterPlan = (scenario: RunScenario, extra: Decided = {}): Input => {
  const { id, data } = scenario.last('plan.recorded');
  return decided({ checkId: id, planId: (data as { planId: string }).planId }, extra);
};

/** One round: the request is allowed, answered with this, and that may be acted on. */
export const round = (scenario: RunScenario, proposal: Partial<Proposal>): RunScenario =>
  scenario.when(beforePlan(scenario)).when(propose(scenario, proposal)).when(afterPlan(scenario));

export const callOf = (tool: string, args: unknown = { from: tool }, occurrence = 1) => ({
  tool,
  arguments: args,
  occurrence,
});
