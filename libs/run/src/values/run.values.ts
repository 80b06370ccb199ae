import {
  byReference,
  STORED_TYPE,
  type StoredValue,
  sha256,
  storedIn,
  type ValueAnswer,
  type ValueRequest,
} from '@interlock/contracts';
import { jsonBytes } from '../json-bytes.js';
import type { ValueSettings } from '../options.js';
import { redact } from '../redact.js';
import { tooMuch, unreadable } from './unreadable.js';

/** Reads what a state holds of an output: the value itself, wherever it is kept. */
export type ReadOutput = (output: unknown) => unknown;

/** Thrown where a decision needs values that are not at hand: it is made once they are. */
export class ValuesAwaited extends Error {
  constructor(readonly request: Omit<ValueRequest, 'family'>) {
    super('the decision waits for values that are kept outside of the log');
  }
}

/** Lists that hold no reference: most of them, and they are long. */
const plainLists = new WeakSet<object>();

/**
 * The values that one decision reads and keeps.
 *
 *   U1  A decision on a value is made with the whole of it, verified, or with the failure that says why not.
 *   U2  An event names a value only if the store has said that it is durable, or if an earlier event names it.
 *   U3  Which values are at hand decides when something is decided, never what.
 */
export class RunValues {
  #needed = new Map<string, StoredValue>();
  #missing = false;

  constructor(
    private readonly settings: ValueSettings | undefined,
    private readonly answer: ValueAnswer | undefined,
  ) {}

  /** Values are counted from here on. */
  begin(): void {
    this.#needed = new Map();
    this.#missing = false;
  }

  /** @throws {UnreadableValue} */
  readonly read: ReadOutput = (output) => {
    const stored = storedIn(output);
    if (stored !== undefined) return this.#value(stored);
    if (!Array.isArray(output) || plainLists.has(output)) return output;
    // What the turns of a body gave is a list of outputs.
    if (output.some((item) => storedIn(item) !== undefined)) return output.map((item) => this.read(item));
    plainLists.add(output);
    return output;
  };

  /** Once all is read that is read together. @throws {ValuesAwaited} */
  readonly allRead = (): undefined => {
    if (this.#missing) throw new ValuesAwaited({ load: [...this.#needed.values()] });
  };

  /**
   * The output as an event says it: by reference where it is too large for the log and may be kept elsewhere.
   * @throws {ValuesAwaited}
   * @throws {UnreadableValue}
   */
  kept(output: unknown): unknown {
    const { settings, answer } = this;
    if (settings === undefined || storedIn(output) !== undefined) return output;
    const text = JSON.stringify(output) ?? '';
    const size = Buffer.byteLength(text);
    if (!this.#isKept(size)) return output;
    const stored = { hash: sha256(text), size, type: STORED_TYPE } as const;
    // U2
    const isDurable = answer?.kept?.hash === stored.hash || this.#needed.has(stored.hash);
    if (isDurable) return byReference(stored);
    if (answer?.failed?.stored.hash === stored.hash) throw unreadable(answer.failed);
    throw new ValuesAwaited({ load: [...this.#needed.values()], keep: { stored, value: output } });
  }

  /** Whether an event says the value by reference. */
  leavesLog(value: unknown): boolean {
    return this.#isKept(jsonBytes(value));
  }

  #isKept(size: number): boolean {
    const { settings } = this;
    return settings !== undefined && size > settings.inlineBytesMax && size <= settings.valueBytesMax;
  }

  #value(stored: StoredValue): unknown {
    const { answer, settings } = this;
    const { hash, without = [] } = stored;
    this.#needed.set(hash, stored);
    const bytesMax = settings?.readBytesMax ?? 0;
    const bytes = [...this.#needed.values()].reduce((sum, { size }) => sum + size, 0);
    if (answer?.failed?.stored.hash === hash) throw unreadable(answer.failed);
    if (settings !== undefined && bytes > bytesMax) throw tooMuch(bytesMax);
    const value =
      answer?.values.has(hash) === true ? { value: answer.values.get(hash) } : settings?.atHand.get(stored);
    if (value !== undefined) return without.length === 0 ? value.value : redact(value.value, without);
    this.#missing = true;
    return undefined;
  }
}
