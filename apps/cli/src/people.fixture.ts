import { callHashOf, type HashedCall, hashOf } from '@interlock/contracts';
import type { Approval, Run } from '@interlock/contracts/http';

export const NOW = Date.parse('2026-11-22T09:20:00.000Z');

/** A run that waits for one person to allow a refund. */
export const waitingRun: Run = {
  runId: 'run-7',
  rootRunId: 'run-7',
  workflow: { name: 'refund-request', version: 2, hash: 'h' },
  by: 'rosa',
  status: 'waiting',
  input: { orderId: 'ord-0003' },
  waitingFor: [
    {
      kind: 'approval',
      step: 'refund',
      since: '2026-11-22T09:16:00.000Z',
      until: '2026-11-22T13:16:00.000Z',
      detail: 'single approval by lead: run-7.9',
    },
  ],
  startedAt: '2026-11-22T09:15:00.120Z',
  usage: { tokens: 0, costUsd: 0.03, steps: 4, toolCalls: 3 },
  lastSeq: 10,
};

/** As much of a manifest as its hash is made of. */
const manifest = { name: 'refunds.create', version: 1, description: 'Pays money back.' };
export const publishedTools = {
  items: [{ kind: 'tool', name: 'refunds.create', version: 1, hash: hashOf(manifest), document: manifest }],
};

const args = { orderId: 'ord-0003', amountCents: 12_900 };
const hashed: HashedCall = {
  runId: 'run-7',
  path: 'refund',
  occurrence: 1,
  generation: 1,
  toolHash: hashOf(manifest),
  salt: 'a-salt-of-128-bits-0_0',
  arguments: args,
};
const callHash = callHashOf(hashed);

/** The same call with other arguments, and the hash that belongs to them. */
export function callWith(other: unknown): Pick<Approval, 'action' | 'callHash'> {
  const made = { ...hashed, arguments: other };
  const action = { tool: 'refunds.create', arguments: other, callHash: callHashOf(made), hashed: made };
  return { action, callHash: action.callHash };
}

export const approval: Approval = {
  approvalId: 'run-7.9',
  runId: 'run-7',
  workflow: { name: 'refund-request', version: 2 },
  step: 'refund',
  status: 'pending',
  required: 'single',
  missing: 1,
  escalated: false,
  refusedVotes: [],
  approvers: ['lead'],
  requester: 'ada',
  shapedBy: ['ada'],
  callHash,
  action: { tool: 'refunds.create', arguments: args, callHash, hashed },
  why: ['refund-medium'],
  reason: 'over 50 euros',
  votes: [],
  openedAt: '2026-11-22T09:16:00.000Z',
  expiresAt: '2026-11-22T13:16:00.000Z',
};

const at = (seq: number) => new Date(Date.parse(waitingRun.startedAt) + seq * 10).toISOString();
const event = (seq: number, type: string, data: Record<string, unknown>) => ({
  seq,
  type,
  time: at(seq),
  data,
  actor: 'orchestrator',
});
const requestedCall = (step: string, tool: string, rest: Record<string, unknown> = {}) => ({
  step,
  tool,
  purpose: 'step',
  attempt: 1,
  ...rest,
});
const failure = { class: 'domain', code: 'mail.bounced', message: 'nobody lives there' };
const write = { step: 'refund', tool: 'refunds.create', callHash: 'c' };

/** What led to the waiting. */
export const waitingEvents = [
  event(1, 'run.started', {
    workflow: waitingRun.workflow,
    by: { sub: 'ada' },
    compiled: { steps: [{ id: 'decide', table: { name: 'refund-rules' } }] },
  }),
  event(2, 'call.requested', requestedCall('order', 'orders.get')),
  event(3, 'call.recorded', { step: 'order', outcome: { kind: 'succeeded', output: {} } }),
  event(4, 'step.completed', { step: 'order', via: 'call' }),
  event(5, 'step.completed', { step: 'decide', via: 'table', detail: 'medium' }),
  event(6, 'call.requested', requestedCall('refund', 'refunds.create', { attempt: 2 })),
  event(10, 'approval.opened', { approvalId: 'run-7.9', step: 'refund', action: approval.action }),
];

/** The same run, granted, failed behind the refund, and undone. */
export const undoneEvents = [
  ...waitingEvents,
  event(11, 'approval.granted', { approvalId: 'run-7.9', votes: [] }),
  event(12, 'step.completed', { step: 'refund', via: 'call' }),
  event(13, 'step.failed', { step: 'notify', failure }),
  event(14, 'rollback.started', { because: 'failed', writes: [write] }),
  event(15, 'call.requested', requestedCall('refund', 'refunds.cancel', { purpose: 'compensate' })),
  event(16, 'step.compensated', { step: 'refund', callHash: 'c', by: 'd' }),
  event(17, 'run.rolled_back', { because: 'failed', failure, step: 'notify', undone: [write] }),
];
export const undoneRun: Run = {
  ...waitingRun,
  status: 'rolled_back',
  waitingFor: [],
  failure: { class: 'domain', code: 'mail.bounced', message: 'nobody lives there', step: 'notify' },
  endedAt: '2026-11-22T09:19:00.120Z',
};
