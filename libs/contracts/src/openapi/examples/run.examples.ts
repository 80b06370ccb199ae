import type { Run } from '../../http/run.js';
import type { StepInstance } from '../../http/step.js';

export const runId = '0198c7f2-2f3a-8d11-9b55-5f1c2a7be001';
export const artifactHash = 'c0ffee5e9b1f6f0a3d2c4b5a69788796a5b4c3d2e1f00112233445566778899a';
export const eventHash = '5f2b0c3d4e5f60718293a4b5c6d7e8f90112233445566778899aabbccddeeff0';
export const input = { orderId: 'ord-1007', message: 'The lamp arrived broken.' };

export const accepted: Run = {
  runId,
  rootRunId: runId,
  workflow: { name: 'refund-request', version: 1, hash: artifactHash },
  by: 'olga',
  status: 'accepted',
  input,
  startedAt: '2026-11-22T09:15:00.120Z',
  usage: { tokens: 0, costUsd: 0, steps: 0, toolCalls: 0 },
  lastSeq: 0,
};

const usage = { tokens: 0, costUsd: 0.03, steps: 4, toolCalls: 3 };

export const completed: Run = {
  ...accepted,
  status: 'completed',
  output: { outcome: 'refund' },
  success: true,
  endedAt: '2026-11-22T09:15:00.188Z',
  usage,
  lastSeq: 21,
};

const waiting = { ...accepted, status: 'waiting', usage, lastSeq: 9 } as const;
const since = '2026-11-22T09:15:01.004Z';

export const waitingForOperator: Run = {
  ...waiting,
  waitingFor: [
    {
      kind: 'operator',
      step: 'resolve',
      since,
      detail: 'the outcome of refunds.create is unknown: retry or skip the step',
    },
  ],
};

export const waitingForPeople: Run = {
  ...waiting,
  waitingFor: [
    {
      kind: 'approval',
      step: 'refund',
      since,
      until: '2026-11-22T13:15:01.004Z',
      detail: `dual approval by finance: ${runId}.7`,
      approvalId: `${runId}.7`,
    },
  ],
};

export const asOf = { 'run.commands': { 0: 61 }, 'run.events': { 0: 1284 } };

const done = { since: '2026-11-22T09:15:01.002Z', generation: 1, calls: 1, attempts: 1 } as const;

export const steps: readonly StepInstance[] = [
  {
    ...done,
    path: 'order',
    kind: 'tool',
    status: 'completed',
    startedAt: '2026-11-22T09:15:00.200Z',
    endedAt: done.since,
    tool: 'orders.get',
  },
  {
    ...done,
    path: 'resolve',
    kind: 'tool',
    status: 'parked',
    attempts: 2,
    startedAt: '2026-11-22T09:15:01.010Z',
    tool: 'refunds.create',
    failure: { class: 'outcome_unknown', code: 'call.in_doubt', message: 'the outcome is unknown' },
    ...(waitingForOperator.waitingFor && { waitingFor: waitingForOperator.waitingFor }),
  },
];
