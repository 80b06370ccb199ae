import type { ErrorEntry } from './error.entry.js';

/** Why runs are not looked for. */
export const filterErrors = {
  'filter.invalid': {
    meaning:
      'The filter is no expression over `run` that an index could answer; `errors` names the place by its column.',
    action: 'Correct it there: docs/finding.md says what can be asked.',
  },
  'filter.unanswered': {
    meaning: 'The filter asks about something that the store of this installation has no index of.',
    action:
      'Ask without it, or keep the runs in a file (leave out REDIS_URL): docs/finding.md says which store answers what.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
