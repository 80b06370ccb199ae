import { compensation, described, failure, problemOf } from '@interlock/contracts';
import { z } from 'zod';

/** What a pool sends to a child. */
export type PoolMessage =
  | {
      readonly kind: 'call';
      /** Chosen at random for this one performance, so that nothing else can be taken for its answer. */
      readonly id: string;
      readonly toolHash: string;
      readonly arguments: unknown;
      readonly idempotencyKey: string;
      readonly deadline: number;
      readonly attempt: number;
      /** Tool of the write that this call asks about. */
      readonly verifies?: { readonly tool: string; readonly toolHash: string } | undefined;
      /** Of its output, as JSON. */
      readonly outputBytesMax: number;
      /** At its deadline the child is killed. */
      readonly isGuarded: boolean;
      /** The watchdog must have taken so many guards before tool code runs. */
      readonly guards: number;
    }
  | { readonly kind: 'abort'; readonly id: string }
  | { readonly kind: 'ping'; readonly count: number };

const id = z.string();
const text = z.string().max(4_000);
const log = z.object({ id, message: text, fields: z.record(z.string(), z.unknown()) });

const words = z.string().transform((said) => said.slice(0, 4_000).toWellFormed());

/** The child has checked the answer of the tool, but the child is not trusted. */
const valueWithin = (charsMax?: number) =>
  z.unknown().superRefine((said, context) => {
    const problem = problemOf(said, charsMax === undefined ? {} : { charsMax });
    if (problem !== undefined) context.addIssue({ code: 'custom', message: described(problem) });
  });
const value = valueWithin();
const outputOf = (bytesMax: number) =>
  valueWithin(bytesMax).refine(
    (said) => Buffer.byteLength(JSON.stringify(said) ?? '') <= bytesMax,
    `more than ${bytesMax} bytes`,
  );

const callEndOf = (output: z.ZodType<unknown>) =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('succeeded'),
      output,
      compensation: compensation.extend({ arguments: value }).optional(),
    }),
    z.object({
      kind: z.literal('failed'),
      failure: failure.extend({ message: words, data: value.optional() }),
    }),
    z.object({ kind: z.literal('unknown'), because: words }),
    z.object({ kind: z.literal('not_performed'), because: words }),
    z.object({ kind: z.literal('refused'), message: words }),
  ]);

/** What a child may say. It holds foreign code, so all of it is checked. @param outputBytesMax of an output, as JSON */
export const childMessageOf = (outputBytesMax: number) =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('loaded'), toolHashes: z.array(z.string()) }),
    z.object({ kind: z.literal('fault'), problem: z.string(), id: id.optional() }),
    z.object({ kind: z.literal('pong'), count: z.number() }),
    z.object({ kind: z.literal('end'), id, end: callEndOf(outputOf(outputBytesMax)) }),
    log.extend({ kind: z.literal('log') }),
    log.extend({ kind: z.literal('warn') }),
  ]);
export type ChildMessage = z.output<ReturnType<typeof childMessageOf>>;

/** What a child says in a call's own words is cut to this many lines a call. */
export const LOG_LINES_MAX = 200;
/** Of one line's fields, as JSON. */
export const LOG_FIELDS_BYTES_MAX = 8 * 1024;
/** Everything that a child may say in one frame, besides an output. */
export const FRAME_BYTES_MAX = 2 * 1024 * 1024;
