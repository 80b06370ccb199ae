import type { Effect } from '@interlock/actors';
import {
  type Compensation,
  type Failure,
  type FailureClass,
  HandOverOutcome,
  type Handover,
  type lateOutcome,
  type MessageOf,
  type StopNote,
  type Stoppable,
  type ToolAttemptStarted,
} from '@interlock/contracts';
import type { z } from 'zod';
import type { CallRequest } from './deferred-calls.js';
import { stoppableOf } from './stops.js';

/** What an effect of a call actor is to do. */
export interface CallEffect {
  readonly requestId: string;
  /** The root run: what is kept outside of the log is kept under it. */
  readonly family: string;
  readonly callHash: string;
  readonly toolHash: string;
  readonly effect: 'read' | 'write';
  readonly tool: string;
  /** By reference where they are kept outside of the log. */
  readonly arguments: unknown;
  readonly attempt: number;
  readonly stoppable: Stoppable;
  /** UTC ms; nothing touches the world after it. */
  readonly deadline: number;
  /** The write in doubt that a verification asks about. */
  readonly verifies?: { readonly tool: string; readonly toolHash: string } | undefined;
}

/**
 * How the call ended. `unknown`: a write that may or may not have happened. `not_performed`: certainly nothing happened. `refused`: nothing
 * happened, because the tool does not accept these arguments.
 */
export type CallEnd =
  | { readonly kind: 'succeeded'; readonly output: unknown; readonly compensation?: Compensation }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | {
      readonly kind: 'unknown';
      readonly because: string;
      readonly code?: string;
      readonly class?: FailureClass;
    }
  | {
      readonly kind: 'not_performed';
      readonly because: string;
      readonly stop?: StopNote;
      /** Its target is away. */
      readonly isHeld?: true;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** A write whose outcome is `unknown` may have a second result later. */
export interface CallResult {
  readonly callHash: string;
  readonly effect: 'read' | 'write';
  readonly tookMs: number;
  /** When its output was kept outside of the log, UTC ms. Absent: it was not. */
  readonly keptAt?: number;
  readonly end: CallEnd;
}

/** What a call waits for that has not begun; undefined: it begins now. */
export interface CallWaiting {
  readonly waitsFor: string | undefined;
}

/** What is said of a call that happened. */
export const successOf = ({
  output,
  compensation,
}: {
  readonly output?: unknown;
  readonly compensation?: Compensation | undefined;
}) => ({
  output,
  ...(compensation !== undefined && { compensation }),
});

/** The outcome that a late or handed-over end gives its attempt; undefined: it is still unknown. */
export function knownOutcome(end: CallEnd): LateOutcome | undefined {
  switch (end.kind) {
    case 'succeeded':
      return { ok: true, ...successOf(end) };
    case 'failed':
      return { ok: false, failure: end.failure };
    case 'not_performed':
      return { ok: false, failure: { class: 'transient', code: 'not_performed', message: end.because } };
    case 'refused':
      return { ok: false, failure: { class: 'invalid_input', code: 'refused', message: end.message } };
    case 'unknown':
      return undefined;
  }
}

type LateOutcome = z.output<typeof lateOutcome>;

/** The message by which a deposed host passes on what it came to know. Reads are simply read again. */
export function handoverOf(
  runId: string,
  requestId: string,
  result: CallResult | CallWaiting,
): Handover | undefined {
  if ('waitsFor' in result) return undefined;
  const outcome = result.effect === 'write' ? knownOutcome(result.end) : undefined;
  return outcome && HandOverOutcome({ runId, requestId, callHash: result.callHash, outcome });
}

export function readEffect(callRequest: CallRequest, now: number): Effect {
  const { requestId, call, message } = callRequest;
  const { callHash, toolHash, attempt, verifies } = call;
  const deadline = now + call.timeoutMs;
  return effectOf({
    requestId,
    family: message.key,
    callHash,
    toolHash,
    effect: 'read',
    tool: call.tool,
    arguments: call.arguments,
    attempt,
    stoppable: stoppableOf(callRequest),
    deadline,
    verifies,
  });
}

/** The executor does exactly what the accepted intent says. */
export const writeEffect = (intent: MessageOf<typeof ToolAttemptStarted>['data']): Effect =>
  effectOf({
    requestId: intent.requestId,
    family: intent.root ?? runOf(intent.requestId),
    callHash: intent.callHash,
    toolHash: intent.toolHash,
    effect: 'write',
    tool: intent.tool,
    arguments: intent.arguments,
    attempt: intent.attempt,
    stoppable: intent.stoppable,
    deadline: intent.deadline,
  });

const runOf = (requestId: string): string => requestId.slice(0, requestId.lastIndexOf('/'));

const effectOf = (call: CallEffect): Effect => ({ id: call.requestId, kind: 'call', data: call });
