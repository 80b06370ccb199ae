import { httpErrors, type ProblemCode, type ProblemKind } from '@interlock/contracts';
import type { ProblemDetail, ProblemDetails } from '@interlock/contracts/http';

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
    /** A more exact code, when another service refused. */
    readonly code: ProblemCode = kind,
  ) {
    super(detail);
    this.name = 'Problem';
    const { status, title } = httpErrors[kind];
    this.status = status;
    this.title = title;
  }

  toJSON(): ProblemDetails {
    const { kind, title, status, code, message, errors } = this;
    return { type: `urn:interlock:problem:${kind}`, title, status, code, detail: message, errors };
  }
}

export const malformed = (detail: string, errors?: readonly ProblemDetail[]): Problem =>
  new Problem('malformed', detail, errors);

export const notReady = (detail: string, retryAfterS = 1): Problem =>
  new Problem('not-ready', detail, [], retryAfterS);

/** What another service, or a rule of its that is known here, has refused under a code of its own. */
export const refusedAs = (kind: ProblemKind, code: ProblemCode, detail: string): Problem =>
  new Problem(kind, detail, [], undefined, code);

export const tooLargeInput = (bytesMax: number): Problem =>
  new Problem(
    'too-large',
    `This is over the ${bytesMax.toLocaleString('en')} bytes that fit one record. Pass a reference instead.`,
  );
