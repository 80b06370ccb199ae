import type { MigrationPlanShown } from '../../http/migration.js';
import { runId } from './run.examples.js';

export const planned: MigrationPlanShown = {
  runId,
  lastSeq: 12,
  from: 1,
  to: 2,
  safe: false,
  deadline: '2026-11-22T10:15:00.000Z',
  obstacles: [],
  steps: [
    { step: 'order', status: 'completed', as: 'kept', obstacles: [] },
    {
      step: 'refund',
      status: 'running',
      as: 'refused',
      obstacles: [
        {
          field: 'with',
          reason: 'it is running, and there its with is another',
          fix: 'leave it as it is, or wait until refund is done',
        },
      ],
    },
    { step: 'notify', status: 'pending', as: 'removed', obstacles: [] },
    { step: 'tell', as: 'new', obstacles: [] },
  ],
};
