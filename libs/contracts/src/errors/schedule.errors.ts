import type { ErrorEntry } from './error.entry.js';

/** Why the orchestrator refuses a command about schedules: `schedule.refused`. */
export const scheduleErrors = {
  schedule_forbidden: {
    meaning: 'The identity may not keep schedules.',
    action: 'Use an identity with the role operator, of the tenant whose runs it starts.',
  },
  schedule_exists: {
    meaning: 'A schedule of this name exists already.',
    action: 'Change it with PATCH, or choose another name.',
  },
  unknown_schedule: {
    meaning: 'There is no schedule of this name.',
    action: '`./interlock schedule list` shows those that there are.',
  },
  schedule_changed: {
    meaning: 'Somebody else has changed the schedule meanwhile.',
    action: 'Look at it, and repeat the change if it is still right.',
  },
  never_due: {
    meaning: 'The schedule would never be due.',
    action: 'Look at its cron fields and its business hours together.',
  },
  too_many_schedules: {
    meaning: 'There are as many schedules as one tenant or partition may have.',
    action: 'Delete some, or let one workflow do what several do now.',
  },
  schedule_not_decided: {
    meaning: 'The orchestrator has failed to decide on the command.',
    action: 'Report it with the log of the orchestrator; repeat the command.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
