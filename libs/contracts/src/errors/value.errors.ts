import type { ErrorEntry } from './error.entry.js';

/** Why a value that is kept outside of the log cannot be had, or is not kept: in `failure.code` of a step or a run, and of HTTP. */
export const valueErrors = {
  'value.missing': {
    meaning: 'The store does not hold a value that the log names.',
    action:
      'Restore the store from its backup, or see whether every service has the same INTERLOCK_STORE_URL; then `./interlock run resume RUN --from STEP`.',
  },
  'value.altered': {
    meaning: 'What the store holds for a value has another hash than the log says.',
    action:
      'Find out who writes to the store. Restore the value from a backup or an export, then `./interlock run resume RUN --from STEP`.',
  },
  'value.unavailable': {
    meaning: 'The store has not answered in time, or has refused.',
    action:
      'See the health of the store and the credentials of the service; then `./interlock run resume RUN --from STEP`.',
  },
  'value.erased': {
    meaning: 'The values of the run have been erased.',
    action:
      'Nothing: they are gone for good. The log of the run says who ordered it and why, and still verifies.',
  },
  'value.too_much': {
    meaning: 'A step reads more of the values that are kept outside of the log than one decision may hold.',
    action: 'Read less in one step: let a tool give the part that is needed.',
  },
  'value.run_total': {
    meaning:
      'The values that the run keeps outside of the log are larger together than those of one run may be.',
    action: 'Keep less, or raise INTERLOCK_RUN_VALUES_MB.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
