import type { Approval } from '../../http/approval.js';
import { runId } from './run.examples.js';

const salt = 'mJ2cQ0r5u8s1VbYxT3wKzA';
/** Of `hashed` below, computed. */
export const callHash = '9f59b588baeb4d2a279c60a96067586c8178dff809fcc44186e34bce4cb0ebe7';
const refund = { orderId: 'ord-1007', amount: 480 };

const action = {
  tool: 'refunds.create',
  arguments: refund,
  callHash,
  hashed: {
    runId,
    path: 'refund',
    occurrence: 1,
    generation: 1,
    toolHash: '5d1f3a0c7e9b24681357ace0fdb97531864209ecadbf13579bdf02468acebdf0',
    salt,
    arguments: refund,
  },
};

const asked = {
  runId,
  workflow: { name: 'refund-request', version: 1 },
  status: 'pending',
  requester: 'rita',
  shapedBy: ['rita'],
  refusedVotes: [],
  openedAt: '2026-11-22T09:15:01.004Z',
  escalated: false,
} as const;

/** A call that two people of finance have to approve; one has. */
export const aboutCall: Approval = {
  ...asked,
  approvalId: `${runId}.7`,
  step: 'refund',
  required: 'dual',
  missing: 1,
  approvers: ['finance'],
  action,
  callHash,
  why: ['refunds.large'],
  reason: 'Refunds over 200 need two people of finance.',
  votes: [{ by: 'fay', vote: 'approve', at: '2026-11-22T09:21:30.410Z', reason: 'The photo shows it.' }],
  expiresAt: '2026-11-22T13:15:01.004Z',
};

export const aboutProposedCall: Approval = {
  ...aboutCall,
  action: {
    ...action,
    influencedBy: [{ step: 'resolve', level: 'assisted', model: 'openai/planner-1', plan: 'run-7/4' }],
  },
};

export const granted: Approval = {
  ...aboutCall,
  status: 'granted',
  missing: 0,
  votes: [
    ...aboutCall.votes,
    { by: 'finn', vote: 'approve', at: '2026-11-22T09:24:02.771Z', reason: 'Checked with the warehouse.' },
  ],
  settledAt: '2026-11-22T09:24:02.771Z',
};

const question = { question: 'Is this customer known to you?', details: { customer: 'cus-12' } };

export const aboutQuestion: Approval = {
  ...asked,
  approvalId: `${runId}.5`,
  step: 'ask',
  required: 'single',
  missing: 1,
  approvers: ['lead'],
  ...question,
  hashed: { runId, path: 'ask', generation: 1, salt, ...question },
  callHash: '2d85e99004ab1388ea5a8c84e819494e09e51898a281c6ab356c0b320bcb9228',
  why: [],
  reason: 'A step of the workflow asks.',
  votes: [],
  expiresAt: '2026-11-23T09:15:01.004Z',
};
