import { hashOf, PlanRecorded, PlanRequested, type Proposal, planHashOf } from '@interlock/contracts';
import type { z } from 'zod';
import { refunds } from './check.fixture.js';
import type { RecordedPlan, RequestedPlan } from './plan.questions.js';

const principal = { workflow: 'refund-request', version: 1, requester: 'ada', requesterRoles: ['clerk'] };

type Change = Partial<z.input<typeof PlanRequested.schema>>;

/** A request whose hash is right unless the change says otherwise. */
export function plan(change: Change = {}): RequestedPlan {
  const { level = 'assisted' as const, ...changed } = change;
  const question = {
    model: 'openai/planner-1',
    promptHash: 'p'.repeat(64),
    goal: 'Decide on the refund.',
    tools: [{ name: refunds.name, version: refunds.version, toolHash: hashOf(refunds) }],
    known: { facts: { orderId: 'o1' }, observed: [] },
    salt: 'a-salt-of-128-bits-0_0',
    ...changed,
  };
  const rest = {
    level,
    step: 'resolve',
    round: 1,
    attempt: 1,
    purpose: 'act' as const,
    notAfter: 60_000,
    timeoutMs: 9_000,
  };
  return PlanRequested({
    ...rest,
    ...question,
    callHash: planHashOf(question),
    reserved: { tokens: 4_000, costUsd: 1 },
    principal,
    ...change,
  }).data;
}

export const requested = (change: Change = {}) => PlanRequested(plan(change));

export const proposal = (change: Partial<Proposal> = {}): Proposal => ({
  calls: [{ tool: refunds.name, arguments: { orderId: 'o1', amountCents: 5_000 }, occurrence: 1 }],
  confidence: 1,
  reasoning: 'it says so',
  alternatives: [],
  evidence: [],
  ...change,
});

export function proposed(change: Partial<RecordedPlan> = {}): RecordedPlan {
  const { step, round, purpose, model } = plan();
  const outcome = { kind: 'proposed' as const, proposal: proposal() };
  const charged = { tokens: 10, costUsd: 0.1 };
  return {
    planId: 'plan',
    step,
    round,
    purpose,
    level: 'assisted' as const,
    model,
    outcome,
    charged,
    asks: true,
    principal,
    ...change,
  };
}

export const recorded = (change: Partial<RecordedPlan> = {}) => PlanRecorded(proposed(change));

export const unplanned = {
  kind: 'failed' as const,
  failure: { class: 'timeout' as const, code: 'x', message: '' },
};
