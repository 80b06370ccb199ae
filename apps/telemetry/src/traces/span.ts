import type { ServiceName } from '@interlock/contracts';

export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A piece of work that is over, as a collector gets it. Instants are UTC ms. */
export interface FinishedSpan {
  /** Whose work it was. */
  readonly service: ServiceName | 'planner';
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'producer' | 'client';
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: { readonly spanId: string; readonly isRemote: boolean };
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  /** Class of what went wrong; no message, because messages may name people. */
  readonly error?: string;
  /** The caller began its trace, and keeps it. */
  readonly isContinued?: true;
}

export interface SpanEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes?: Attributes;
}

/** A span that has begun. */
export interface OpenSpan extends Omit<FinishedSpan, 'end' | 'error' | 'events' | 'traceId' | 'isContinued'> {
  readonly events: SpanEvent[];
}

/** Events of a span beyond these are left out: a run may have thousands. */
const EVENTS_MAX = 128;

export function note(span: OpenSpan | undefined, name: string, at: number, attributes?: Attributes): void {
  if (span === undefined || span.events.length >= EVENTS_MAX) return;
  span.events.push({ name, at, attributes });
}

export const finish = (
  traceId: string,
  span: OpenSpan,
  end: number,
  attributes: Attributes = {},
  error?: string,
): FinishedSpan => ({
  ...span,
  traceId,
  end: Math.max(end, span.start),
  attributes: { ...span.attributes, ...attributes },
  ...(error === undefined ? {} : { error }),
});
