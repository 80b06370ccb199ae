import type { ErrorEntry } from './error.entry.js';

/** Answers of the HTTP interface that are not a success. The code is the last part of the problem's `type`. */
export const httpErrors = {
  malformed: {
    status: 400,
    title: 'Malformed request',
    meaning:
      'The body, a query parameter or a header is not what the route takes; `errors` names each field.',
    action: 'Correct the named fields. Repeating the same request has the same answer.',
  },
  'no-identity': {
    status: 401,
    title: 'No identity',
    meaning:
      'The request carries no token, or one that is not valid here: expired, of another issuer, for another audience.',
    action:
      'Send `Authorization: Bearer` and a token. In development: `./interlock token --sub NAME --role ROLE`.',
  },
  'not-allowed': {
    status: 403,
    title: 'Not allowed',
    meaning:
      'The identity lacks the role, belongs to another tenant, may not vote on what it asked for, or its signature is missing or wrong.',
    action: 'Use an identity with the role that the message names, or let somebody else decide.',
  },
  unknown: {
    status: 404,
    title: 'Unknown',
    meaning:
      'There is no such route, run, approval, workflow, bundle, stop or schedule, or it belongs to another tenant.',
    action:
      'List what there is: `./interlock run list`, `approvals list`, `policy list`, `stops`, `schedule list`.',
  },
  'too-slow': {
    status: 408,
    title: 'Request timeout',
    meaning: 'The request was not whole in time: its headers have one minute to arrive, all of it two.',
    action: 'Send it again.',
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    meaning:
      'The request contradicts what is on record: the run has ended, the approval is settled, or the key or id was used with another body.',
    action: 'Look at how it stands (`./interlock run show RUN`), then decide again.',
  },
  gone: {
    status: 410,
    title: 'Gone',
    meaning:
      'The log does not hold the events of the run, or behind the position, any more: somebody has cut `run.events`.',
    action: 'See `run show RUN` for how it stands. Find out who cuts the log, which is kept for ever.',
  },
  'too-large': {
    status: 413,
    title: 'Too large',
    meaning: 'The body is over 1 MB, or the input is larger than one record may be.',
    action: 'Store the large part elsewhere, and pass a reference.',
  },
  'not-json': {
    status: 415,
    title: 'Not JSON',
    meaning: 'The body was not sent as `application/json`.',
    action: 'Send `Content-Type: application/json`.',
  },
  refused: {
    status: 422,
    title: 'Refused',
    meaning:
      'The JSON is valid, but the workflow’s input schema refuses it, or the document cannot be published; `errors` names each place.',
    action: 'Correct the named places, by line and column where the document is text.',
  },
  'too-many': {
    status: 429,
    title: 'Too many requests',
    meaning: 'The identity exceeds the limit of requests, open streams or exports.',
    action: 'Wait as long as `Retry-After` says, and repeat the request.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    meaning: 'A defect of Interlock. The log of the gateway has the details.',
    action: 'Repeat the request under the same key once, then report it with the log line.',
  },
  'not-ready': {
    status: 503,
    title: 'Not ready',
    meaning:
      'The log or the read model does not answer, or has not been read to its end. Whether a command was taken may be unknown.',
    action:
      'Repeat the request with the same key after `Retry-After`: that is safe. `./interlock doctor` says what it waits for.',
  },
  'no-room': {
    status: 507,
    title: 'No room',
    meaning:
      'The disk of the data directory is under its reserve: no run is started, and those under way go on.',
    action: 'Make room, or lower INTERLOCK_DISK_RESERVE_MB.',
  },
} as const satisfies Readonly<
  Record<string, ErrorEntry & { readonly status: number; readonly title: string }>
>;

/** What kind of a problem an answer is. */
export type ProblemKind = keyof typeof httpErrors;
