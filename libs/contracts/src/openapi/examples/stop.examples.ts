import type { Stop } from '../../http/stop.js';

export const inForce: Stop = {
  stopId: '0a1b2c3d4e5f60718293a4b5',
  scope: { tool: 'refunds.create' },
  compensations: false,
  status: 'in_force',
  reason: 'The bank answers twice.',
  by: 'ada',
  stoppedAt: '2026-11-30T09:15:01.004Z',
  liftedBy: [],
  votes: [],
};

export const lifting: Stop = {
  ...inForce,
  status: 'lifting',
  liftedBy: ['ada'],
  votes: [{ by: 'ada', vote: 'approve', reason: 'The bank is well again.', at: '2026-11-30T11:02:41.310Z' }],
};

export const lifted: Stop = {
  ...lifting,
  status: 'lifted',
  liftedBy: ['ada', 'bob'],
  votes: [
    ...lifting.votes,
    { by: 'bob', vote: 'approve', reason: 'Tried it with one cent.', at: '2026-11-30T11:05:00.002Z' },
  ],
  liftedAt: '2026-11-30T11:05:00.002Z',
};
