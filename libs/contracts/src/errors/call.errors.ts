import type { ErrorEntry } from './error.entry.js';

/** Why the executor refuses a call, so that nothing was called: `tool.refused`. A step that fails of it has the code `refused.<code>`. */
export const callErrors = {
  revoked: {
    meaning: 'The run revoked the request before the call started.',
    action: 'Nothing: the run says why.',
  },
  expired: {
    meaning: 'The call was not started in time.',
    action:
      'See what kept policy, people or the executor, or which stop stood: `./interlock run show RUN`. `INTERLOCK_START_WITHIN_MS` is the time.',
  },
  circuit_open: {
    meaning:
      'The target of the tool is away: calls in a row have failed, and one call at a time asks whether it is back.',
    action:
      'Nothing: it goes on by itself when the target is back. `./interlock circuits` lists the tools whose target is away.',
  },
  unavailable: {
    meaning: 'No executor here has the tool in the version that the workflow has pinned.',
    action:
      'It goes on by itself once an executor with that version of the module is started. Or let the run go on with another one: `./interlock run migrate`.',
  },
  killed: {
    meaning: 'A kill switch stops the call.',
    action: 'It goes on by itself once the stop is lifted: `./interlock resume-all`.',
  },
  invalid_input: {
    meaning: 'The arguments do not fit the tool’s input schema.',
    action: 'Correct the step’s `with`, or the tool’s schema.',
  },
  no_matching_check: {
    meaning: 'A verdict that the call rests on is about something else. Counts as a blocked unsafe attempt.',
    action: 'Find out who wrote it: this is an attack or a defect.',
  },
  wrong_hash: {
    meaning:
      'What was allowed, what was requested and what the executor sees are not the same call. Counts as a blocked unsafe attempt.',
    action: 'Find out who changed it: this is an attack or a defect.',
  },
  unknown_tool: {
    meaning:
      'The request names a tool that is not the one with its hash. Counts as a blocked unsafe attempt.',
    action: 'Find out who wrote it: this is an attack or a defect.',
  },
  influenced: {
    meaning: 'A model led to the write, and no person has approved it.',
    action: 'Give the step approvers, or lower its level of autonomy.',
  },
  not_decided: {
    meaning: 'The executor has failed to decide on the call; nothing was called.',
    action: 'Report it with the log of the executor.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
