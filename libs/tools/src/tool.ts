import type { Duration, ToolManifest } from '@interlock/contracts';
import type { z } from 'zod';

/** What a tool may know and do besides its input. */
export interface ToolContext<Failure = unknown> {
  /** The call's hash: the same after a retry, a crash and a re-plan. Give it to the target if that takes a key. */
  readonly idempotencyKey: string;
  /** Aborted at the deadline, and when nobody needs the answer any more. */
  readonly signal: AbortSignal;
  /** UTC ms. What has not touched the world by then must not do so later. */
  readonly deadline: number;
  /** Requests of this call so far, this one included, from 1. */
  readonly attempt: number;
  /** Ends the call with a failure that the tool has declared. */
  fail(failure: Failure): never;
  /** Writes to the executor's own log; nothing of it reaches the run. */
  log(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** How an attempt whose outcome nobody knows is cleared up. */
export type RecoverySpec =
  | { readonly by: 'idempotency-key' }
  | { readonly by: 'verify'; readonly tool: string; readonly settleAfter: Duration }
  | { readonly by: 'ask-human'; readonly settleAfter: Duration };

interface SpecBase<In extends z.ZodType, Out extends z.ZodType, Fail extends z.ZodType> {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly input: In;
  readonly output: Out;
  /** Declared failures, told apart by `code`: part of the contract. */
  readonly failure?: Fail;
  readonly risk: ToolManifest['risk'];
  readonly audience: string;
  readonly compensate?: {
    readonly tool: string;
    readonly with: (call: { readonly input: z.output<In>; readonly output: z.output<Out> }) => unknown;
  };
  readonly timeout: Duration;
  /** Calls per second and executor process. */
  readonly rateLimit?: { readonly perSecond: number };
  /** US dollars a call. */
  readonly cost?: number;
  readonly pool?: string;
  readonly run: (
    input: z.output<In>,
    context: ToolContext<z.input<Fail>>,
  ) => Promise<z.input<Out>> | z.input<Out>;
}

/** A tool as its author writes it. A write says how a doubt about it is cleared up. */
export type ToolSpec<In extends z.ZodType, Out extends z.ZodType, Fail extends z.ZodType> = SpecBase<
  In,
  Out,
  Fail
> &
  (
    | { readonly effect: 'read'; readonly recovery?: RecoverySpec }
    | { readonly effect: 'write'; readonly recovery: RecoverySpec }
  );

/** A tool as executors hold it: what it promises, and its code. */
export interface Tool {
  readonly manifest: ToolManifest;
  /** Hash of the manifest: everything but the code. */
  readonly toolHash: string;
  readonly inputSchema: z.ZodType;
  readonly outputSchema: z.ZodType;
  readonly failureSchema?: z.ZodType;
  /** Takes an input that has passed `inputSchema`. Throws anything; see `classify`. */
  readonly run: (input: unknown, context: ToolContext) => unknown;
  /** Arguments of the compensating call for a call that happened. */
  readonly compensateWith?: (call: { readonly input: unknown; readonly output: unknown }) => unknown;
}
