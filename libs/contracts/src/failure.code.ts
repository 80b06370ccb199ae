import type { CodeOf } from './errors/index.js';
import type { Failure } from './failure.js';

declare const foreign: unique symbol;

/** A code that Interlock has not chosen: a tool's own, or one of the operating system. */
export type ForeignCode = string & { readonly [foreign]: true };

const CODE_CHARS_MAX = 200;

/** What a tool or the system calls its failure, as far as it fits. */
export const foreignCode = (text: string): ForeignCode =>
  text.slice(0, CODE_CHARS_MAX).toWellFormed() as ForeignCode;

/** Why a step or a run has failed: a code of the catalogue, or one from outside. */
export type FailureCode =
  | CodeOf<'run'>
  | CodeOf<'tool'>
  | CodeOf<'model'>
  | `refused.${string}`
  | `http_${number}`
  | `model.http_${number}`
  | ForeignCode;

/** A failure as it is written: with a code that docs/errors.md explains. Any text is read, since an older release may have had other codes. */
export type CodedFailure = Omit<Failure, 'code'> & { readonly code: FailureCode };
