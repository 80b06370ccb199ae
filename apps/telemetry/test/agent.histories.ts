import fc from 'fast-check';

/** What a run has said so far, for what refers to it. */
export interface HistoryIds {
  readonly checks: string[];
  readonly requests: string[];
  readonly plans: string[];
}

const steps = ['pay', 'items[0].mail', 'items[1].mail'];

/** What an agent step of a run may do next. */
export const agentMove = fc.record({
  kind: fc.constant('agent' as const),
  type: fc.constantFrom('started', 'round', 'round', 'requested', 'recorded', 'observed', 'fell_back'),
  step: fc.constantFrom(...steps),
  level: fc.constantFrom('baseline', 'shadow', 'assisted'),
  purpose: fc.constantFrom('act', 'reflect', 'shadow'),
  model: fc.constantFrom('openai/small', 'local/large'),
  outcome: fc.constantFrom('output', 'calls', 'timeout', 'denied'),
  usage: fc.constantFrom(undefined, { inputTokens: 900, outputTokens: 40 }),
  costUsd: fc.constantFrom(0, 0.002, 0.11),
  tookMs: fc.constantFrom(undefined, 0, 800, 9_000),
  result: fc.constantFrom(
    'succeeded',
    'failed',
    'denied',
    'unknown',
    'unusable',
    'unlisted',
    'repeated',
    'skipped',
  ),
  amount: fc.constantFrom(12, 13),
});
type AgentMove = typeof agentMove extends fc.Arbitrary<infer M> ? M : never;

export function playAgent(
  one: AgentMove,
  say: (type: string, data: unknown) => string,
  ids: HistoryIds,
): void {
  const { step, level, purpose, model, usage, costUsd, tookMs, result } = one;
  switch (one.type) {
    case 'started':
      say('agent.started', { step, level, why: 'w', tools: [] });
      return;
    case 'round':
      playAgent({ ...one, type: 'requested' }, say, ids);
      playAgent({ ...one, type: 'recorded' }, say, ids);
      return;
    case 'requested': {
      const known = {
        facts: { total: 12 },
        observed: [{ output: { paid: 'none' }, arguments: { total: 13 } }],
      };
      const output = { properties: { kind: { enum: ['full', 'part'] } } };
      const id = say('plan.requested', {
        step,
        round: 1,
        attempt: 1,
        purpose,
        model,
        goal: 'pay',
        known,
        output,
      });
      ids.plans.push(id);
      ids.checks.push(id);
      return;
    }
    case 'recorded': {
      const asks = purpose !== 'shadow';
      const id = say('plan.recorded', {
        planId: ids.plans.at(-1) ?? 'nothing',
        step,
        round: 1,
        purpose,
        model,
        outcome: outcomeOf(one),
        usage,
        charged: { tokens: 940, costUsd },
        ...(tookMs === undefined ? {} : { tookMs }),
        asks,
        ...(asks ? {} : { agrees: one.amount === 12 }),
      });
      if (asks) ids.checks.push(id);
      return;
    }
    case 'observed':
      say('agent.observed', { step, observation: { round: 1, index: 0, tool: 'orders.get', result } });
      return;
    case 'fell_back':
      say('agent.fell_back', { step, failure: { class: 'domain', code: 'agent.loop', message: 'm' } });
  }
}

function outcomeOf({ outcome, amount }: AgentMove) {
  if (outcome === 'timeout' || outcome === 'denied')
    return { kind: 'failed', failure: { class: outcome, code: 'c', message: 'm' } };
  const proposal = { calls: [], confidence: 0.9, reasoning: 'r', alternatives: [], evidence: [] };
  if (outcome === 'calls') return { kind: 'proposed', proposal };
  return { kind: 'proposed', proposal: { ...proposal, output: { kind: 'full', amount, paid: 'None' } } };
}
