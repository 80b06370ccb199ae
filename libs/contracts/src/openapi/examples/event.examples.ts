import type { RunEvent } from '../../http/event.js';
import { eventHash, input, runId } from './run.examples.js';

const decided = (seq: number, type: string, time: string, data: RunEvent['data']): RunEvent => ({
  seq,
  type,
  time,
  data,
  id: `${runId}/${seq}`,
  causeId: `${runId}/${seq - 1}`,
  actor: 'orchestrator',
  hash: eventHash,
});

export const started: RunEvent = {
  ...decided(1, 'run.started', '2026-11-22T09:15:00.120Z', { commandId: `${runId}/start`, input }),
  causeId: `${runId}/start`,
  actor: 'olga',
};

const model = 'openai/gpt-5-mini';
const call = { tool: 'orders.get', arguments: { orderId: 'ord-1007' }, occurrence: 1 };

/** A round of an agent step, as the log holds it. */
export const agentRound: readonly RunEvent[] = [
  decided(4, 'agent.started', '2026-11-22T09:15:01.000Z', {
    step: 'resolve',
    level: 'assisted',
    why: 'INTERLOCK_AUTONOMY is assisted',
    model,
    promptHash: '0f1e2d3c',
    tools: [{ name: 'orders.get', version: 1, toolHash: 'ab12cd34' }],
  }),
  decided(7, 'plan.recorded', '2026-11-22T09:15:04.000Z', {
    planId: `${runId}/5`,
    step: 'resolve',
    round: 1,
    purpose: 'act',
    level: 'assisted',
    model,
    outcome: {
      kind: 'proposed',
      proposal: {
        calls: [call],
        confidence: 0.8,
        reasoning: 'The order says whether it was paid.',
        alternatives: [{ description: 'Refuse at once', score: 0.1 }],
        evidence: ['The message names the order.'],
      },
    },
    usage: { inputTokens: 812, outputTokens: 90 },
    charged: { tokens: 902, costUsd: 0.0021 },
    tookMs: 1412,
    asks: true,
    principal: { workflow: 'refund-request', version: 1, requester: 'olga', requesterRoles: ['operator'] },
  }),
  decided(12, 'agent.observed', '2026-11-22T09:15:05.000Z', {
    step: 'resolve',
    observation: { round: 1, index: 0, ...call, result: 'succeeded', output: { total: 4200 } },
  }),
];
