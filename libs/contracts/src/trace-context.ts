import { sha256 } from './hash.js';

/** Where a span hangs, as W3C Trace Context says it. Ids are lower-case hexadecimal: 32 and 16 digits. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
/** Longer than any version known today; what comes from outside goes into every event of a run. */
const LENGTH_MAX = 55;

/** Undefined: absent, or not a `traceparent`, and then there is none. */
export function readTraceparent(text: string | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = FORM.exec(text?.slice(0, LENGTH_MAX) ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export const traceparentOf = ({ traceId, spanId, sampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/** The trace of a family of runs that was started without one: derived, so whoever computes it gets the same. */
export const traceIdOf = (rootRunId: string): string => sha256(`interlock/trace/${rootRunId}`).slice(0, 32);

/** The id of the span that tells of `what` (`run`, `call`, `check`, ...) with this id, usually an event's. */
export const spanIdOf = (what: string, id: string): string =>
  sha256(`interlock/span/${what}/${id}`).slice(0, 16);
