import type { ErrorEntry } from './error.entry.js';

/** Why the orchestrator refuses a bulk order: `bulk.refused`. */
export const bulkErrors = {
  bulk_forbidden: {
    meaning: 'The sender of the bulk order lacks the role operator.',
    action: 'Use an identity with that role.',
  },
  bulk_unknown_command: {
    meaning: 'The orchestrator does not know the command of the bulk order: a newer gateway has sent it.',
    action: 'Upgrade the orchestrator, and give the order again.',
  },
  bulk_not_decided: {
    meaning: 'The orchestrator could not decide on the bulk order, and nothing was ordered.',
    action: 'Report the defect with the log of the orchestrator.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
