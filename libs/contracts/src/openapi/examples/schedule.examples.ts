import type { ListedSchedule, Schedule } from '../../http/schedule.js';

export const listedNightly: ListedSchedule = {
  name: 'nightly-report',
  workflow: 'report',
  cron: '0 9 * * MON-FRI',
  timezone: 'Europe/Berlin',
  overlap: 'skip',
  catchUp: 'PT1H',
  jitter: 'PT0S',
  paused: false,
  status: 'active',
  by: 'ada',
  createdAt: '2026-11-30T09:15:01.004Z',
  next: ['2026-12-01T08:00:00.000Z', '2026-12-02T08:00:00.000Z'],
  runs: [],
  queued: [],
  last: [
    { due: '2026-11-30T08:00:00.000Z', outcome: 'started', runId: '3f0f8a52-1c1e-8d8a-9a4e-6f3f1f1c9b11' },
  ],
};

export const nightly: Schedule = { ...listedNightly, input: { of: 'yesterday' } };
