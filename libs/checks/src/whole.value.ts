import {
  nothingAtHand,
  requestValues,
  type StoredValue,
  storedIn,
  type ValueAnswer,
  type ValuesAtHand,
  valueRequestId,
} from '@interlock/contracts';
import type { CheckContext, Question } from './check.messages.js';
import type { RequestedCall } from './questions.js';
import { type RecordedOutput, recordedOutput } from './recorded-output.js';

/** A value, wherever it is kept; or why it cannot be had. */
export type Whole = { readonly value: unknown } | { readonly unread: string };

/**
 * Arguments and outputs that are kept outside of the log. Policy judges the whole of one or denies it: until it is loaded, its check waits,
 * and if it cannot be had, the verdict says so.
 */
export class WholeValues {
  readonly wanted = new Map<string, ReturnType<typeof requestValues>>();

  /** @param answer what the store has just said */
  constructor(
    private readonly runId: string,
    private readonly atHand: ValuesAtHand = nothingAtHand,
    private readonly answer: ValueAnswer | undefined = undefined,
  ) {}

  /** Whether what the question is about can be judged now; if not, it is asked for. */
  has(question: Question): boolean {
    const stored = storedFor(question);
    if (stored === undefined || this.#found(stored) !== undefined) return true;
    const effect = requestValues(this.runId, stored.hash, { family: question.key, load: [stored] });
    this.wanted.set(effect.id, effect);
    return false;
  }

  /** What the call is to be given. */
  argumentsOf({ arguments: given }: RequestedCall): Whole {
    const stored = storedIn(given);
    return stored === undefined ? { value: given } : (this.#found(stored) ?? { unread: 'value.unavailable' });
  }

  /** The recorded output with its value in place. */
  outputOf(recorded: RecordedOutput): RecordedOutput {
    const stored = storedOf(recorded);
    if (stored === undefined) return recorded;
    return { ...recorded, output: this.#found(stored) ?? { unread: 'value.unavailable' } };
  }

  #found(stored: StoredValue): Whole | undefined {
    const { hash } = stored;
    const { values, failed } = this.answer ?? {};
    if (values?.has(hash) === true) return { value: values.get(hash) };
    return failed?.stored.hash === hash ? { unread: failed.code } : this.atHand.get(stored);
  }
}

function storedOf({ output }: RecordedOutput): StoredValue | undefined {
  return output !== undefined && 'value' in output ? storedIn(output.value) : undefined;
}

function storedFor(question: Question): StoredValue | undefined {
  if (question.type === 'call.requested') return storedIn(question.data.arguments);
  if (question.type !== 'call.recorded' && question.type !== 'call.late_recorded') return undefined;
  const recorded = recordedOutput(question);
  return recorded && storedOf(recorded);
}

/** Whether the store has still to answer what the question needs. */
export function isLoading(question: Question, { isRunning }: Pick<CheckContext, 'isRunning'>): boolean {
  const stored = storedFor(question);
  return stored !== undefined && isRunning(valueRequestId(question.meta.run ?? '', stored.hash));
}
