import type { z } from 'zod';
import type { ProblemKind } from '../errors/http.errors.js';
import type { Shown } from '../http/fields.js';

/** Names and what each shows; one alone needs no name. */
type Examples<Value> =
  | { readonly example: Value }
  | { readonly examples: Readonly<Record<string, { readonly summary?: string; readonly value: Value }>> };

/** What a body holds, by its media type. */
export type Content = { readonly type: string; readonly schema: z.ZodType } & Examples<unknown>;

const content =
  (type: string) =>
  <Schema extends z.ZodType>(schema: Schema, examples: Examples<Shown<z.input<Schema>>>): Content => ({
    type,
    schema,
    ...examples,
  });

/** JSON, with examples that have to fit its schema. */
export const json = content('application/json');
export const ndjson = content('application/x-ndjson');
export const eventStream = content('text/event-stream');
export const plainText = content('text/plain');

export interface Answer {
  readonly description: string;
  readonly contents: readonly Content[];
}

export const answer = (description: string, ...contents: readonly Content[]): Answer => ({
  description,
  contents,
});

/** A header that a route reads. */
export type HeaderName = 'Idempotency-Key' | 'Interlock-Proof' | 'Last-Event-ID';

/** One route of the gateway, as `openapi.json` says it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  /** It needs no identity. */
  readonly isPublic?: true;
  readonly query?: z.ZodObject;
  /** An example of a query parameter, by its name. */
  readonly queryExamples?: Readonly<Record<string, string>>;
  readonly headers?: readonly HeaderName[];
  readonly body?: Content & { readonly isOptional?: true };
  readonly answers: Readonly<Record<number, Answer>>;
  readonly refusals: readonly ProblemKind[];
}

/** What any request with an identity may be answered. */
export const readRefusals = ['malformed', 'no-identity', 'too-many', 'not-ready'] as const;
/** The same, for a request with a body that needs a permission. */
export const writeRefusals = [...readRefusals, 'not-allowed', 'conflict', 'too-large', 'not-json'] as const;
