import type { Activation, ActivePolicy } from '../../http/activation.js';
import { artifactHash } from './run.examples.js';

const from = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const activationId = '5d2c1f0e9b8a7766554433aa';
export const reason = 'Refunds over 200 need two people.';
const openedAt = '2026-11-30T09:15:01.004Z';
const agreedAt = '2026-11-30T09:24:02.771Z';

export const pending: Activation = {
  activationId,
  hash: artifactHash,
  from,
  status: 'pending',
  needed: 2,
  approvedBy: ['ada'],
  by: 'ada',
  reason,
  votes: [{ by: 'ada', vote: 'approve', reason, at: openedAt }],
  openedAt,
  until: '2026-12-01T09:15:01.004Z',
};

export const active: Activation = {
  ...pending,
  status: 'active',
  approvedBy: ['ada', 'bob'],
  votes: [...pending.votes, { by: 'bob', vote: 'approve', reason: 'Read it.', at: agreedAt }],
};

export const inForce: ActivePolicy = {
  hash: artifactHash,
  name: 'refunds',
  version: 2,
  activationId,
  from,
  because: 'two_people',
  by: 'ada',
  approvedBy: ['ada', 'bob'],
  activatedAt: agreedAt,
};
