import type { ProblemDetail, ProblemDetails } from '@interlock/contracts/http';

const kinds = {
  malformed: [400, 'Malformed request'],
  'no-identity': [401, 'No identity'],
  'not-allowed': [403, 'Not allowed'],
  unknown: [404, 'Unknown'],
  conflict: [409, 'Conflict'],
  'too-slow': [408, 'Request timeout'],
  'too-large': [413, 'Too large'],
  'not-json': [415, 'Not JSON'],
  refused: [422, 'Refused'],
  'too-many': [429, 'Too many requests'],
  internal: [500, 'Internal error'],
  'not-ready': [503, 'Not ready'],
  'no-room': [507, 'No room'],
} as const;

export type ProblemKind = keyof typeof kinds;

/** An answer that is not a success, as RFC 9457 describes it. Thrown anywhere behind the HTTP door. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;

  /** @param retryAfterS seconds after which the same request is worth repeating */
  constructor(
    readonly kind: ProblemKind,
    detail: string,
    readonly errors: readonly ProblemDetail[] = [],
    readonly retryAfterS?: number,
  ) {
    super(detail);
    this.name = 'Problem';
    [this.status, this.title] = kinds[kind];
  }

  toJSON(): ProblemDetails {
    const { kind, title, status, message, errors } = this;
    return { type: `urn:interlock:problem:${kind}`, title, status, detail: message, errors };
  }
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export const malformed = (detail: string, errors?: readonly ProblemDetail[]): Problem =>
  new Problem('malformed', detail, errors);

export const notReady = (detail: string, retryAfterS = 1): Problem =>
  new Problem('not-ready', detail, [], retryAfterS);
