import {
  type Message,
  STORED_TYPE,
  type StoredValue,
  sha256,
  type ValueAnswer,
  type ValueRequest,
  withValues,
} from '@interlock/contracts';
import type { ValueSettings } from '@interlock/run';
import type { Perform } from '../cores/hosted.core.js';

/** As services have it where nothing is set. */
const INLINE_BYTES_MAX = 64 * 1_024;
const VALUE_BYTES_MAX = 16 * 1_024 * 1_024;

/** What the runs of a case keep outside of their logs, in memory: it is at hand as soon as it is kept. */
export class CaseValues {
  readonly #values = new Map<string, unknown>();

  readonly settings: ValueSettings = {
    atHand: { get: ({ hash }) => (this.#values.has(hash) ? { value: this.#values.get(hash) } : undefined) },
    inlineBytesMax: INLINE_BYTES_MAX,
    valueBytesMax: VALUE_BYTES_MAX,
    readBytesMax: 4 * VALUE_BYTES_MAX,
    runBytesMax: 32 * VALUE_BYTES_MAX,
  };

  /** What a run asks of its store. */
  readonly perform: Perform = async ({ data }, report) => {
    const { keep } = data as ValueRequest;
    if (keep !== undefined) this.#values.set(keep.stored.hash, keep.value);
    const kept = keep === undefined ? {} : { kept: keep.stored };
    report({ kind: 'value', values: this.#values, ...kept } satisfies ValueAnswer);
  };

  /** What an executor says: a large output stands by reference. The answer to a verification stays. */
  said(message: Message, isVerification: boolean): Message {
    const { type, data } = message;
    if (isVerification) return message;
    if (type === 'tool.succeeded') return { ...message, data: this.#withKept(data as Outcome) };
    if (type !== 'tool.outcome_late') return message;
    const late = data as { readonly outcome: Outcome };
    return { ...message, data: { ...late, outcome: this.#withKept(late.outcome) } };
  }

  /** With the value itself wherever it is named. */
  whole(data: unknown): unknown {
    return withValues(data, ({ hash }) => this.#values.get(hash));
  }

  /** As a record says it. */
  #withKept(said: Outcome): object {
    const { output, ...others } = said;
    const text = JSON.stringify(output) ?? '';
    const size = Buffer.byteLength(text);
    if (size <= INLINE_BYTES_MAX) return said;
    const stored: StoredValue = { hash: sha256(text), size, type: STORED_TYPE };
    this.#values.set(stored.hash, output);
    return { ...others, outputRef: stored };
  }
}

interface Outcome {
  readonly output?: unknown;
}
