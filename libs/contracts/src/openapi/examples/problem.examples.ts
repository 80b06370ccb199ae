import { httpErrors, type ProblemKind } from '../../errors/http.errors.js';
import type { ProblemDetails } from '../../http/problem.js';

/** Of the kinds that routes name: 408 and 500 may be the answer to anything. */
type Documented = Exclude<ProblemKind, 'too-slow' | 'internal'>;

const shown = (kind: Documented, detail: string, errors: ProblemDetails['errors'] = []): ProblemDetails => {
  const { title, status } = httpErrors[kind];
  return { type: `urn:interlock:problem:${kind}`, title, status, code: kind, detail, errors };
};

export const problemExamples: Readonly<Record<Documented, ProblemDetails>> = {
  malformed: shown('malformed', 'The body has an unknown field.', [
    { path: 'colour', message: 'unknown field' },
  ]),
  'no-identity': shown('no-identity', 'The token has expired.'),
  'not-allowed': shown('not-allowed', 'This needs the role admin.'),
  unknown: shown('unknown', 'There is no run 0198c7f2.'),
  conflict: shown('conflict', 'This Idempotency-Key was used with another body.'),
  gone: shown(
    'gone',
    'Events of run 0198c7f2 from 1 on are no longer in the log: offset 12 of run.events/3 is outside 4000 to 9120.',
  ),
  'too-large': shown('too-large', 'The body is over 1,048,576 bytes.'),
  'not-json': shown('not-json', 'Send the body as Content-Type: application/json.'),
  refused: shown('refused', 'The input does not fit what the workflow refund-request@1 takes.', [
    { path: 'input.orderId', message: 'must be string' },
  ]),
  'too-many': shown('too-many', 'At most 5000 requests a second. Wait 1 s.'),
  'not-ready': shown('not-ready', 'The log has not been read to its end yet.'),
  'no-room': shown(
    'no-room',
    'The disk of .interlock has 5.0 MB free, under its reserve of 6.0 MB: no run is started, and those under way go on. Make room there, or lower INTERLOCK_DISK_RESERVE_MB.',
  ),
};
