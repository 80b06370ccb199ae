import type { ErrorEntry } from './error.entry.js';

/** Why the registry refuses to stop calls, or to lift a stop: `control.refused`. */
export const stopErrors = {
  forbidden: {
    meaning: 'The identity may not stop or lift this.',
    action: 'Use an identity with the role operator or admin; one of a tenant stops only that tenant.',
  },
  unknown_stop: {
    meaning: 'There is no such stop.',
    action: '`./interlock stops` shows those that are in force.',
  },
  lifted: {
    meaning: 'The stop is lifted already.',
    action: 'Nothing.',
  },
  voted: {
    meaning: 'The person has said so already.',
    action: 'Let another person agree.',
  },
  too_many: {
    meaning: 'Too many stops are in force at once.',
    action: 'Lift some, or stop everything with `--all`.',
  },
  not_decided: {
    meaning: 'The registry has failed to decide on the command.',
    action: 'Report it with the log of the registry; repeat the command.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
