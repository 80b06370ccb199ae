import type { Input } from './actor.js';
import type { EffectResult } from './running-effects.js';

/** An input that comes from this process: a timer, a result, a recovery. */
export interface LocalInput {
  readonly key: string;
  readonly input: Input;
  readonly result?: EffectResult;
}

/** The inputs of this process that are not decided yet, in the order in which they came. */
export class LocalInputs {
  #inputs: LocalInput[] = [];
  /** Place of the next one: an array of a hundred thousand is slow to shift. */
  #head = 0;

  get isEmpty(): boolean {
    return this.#inputs.length === this.#head;
  }

  add(key: string, input: Input): void {
    this.#inputs.push({ key, input });
  }

  addResult(result: EffectResult): void {
    const { key, effectId, result: reported } = result;
    this.#inputs.push({ key, input: { kind: 'result', effectId, result: reported }, result });
  }

  /** It stays the first one until it is taken. */
  first(): LocalInput | undefined {
    return this.#inputs[this.#head];
  }

  take(): void {
    this.#head += 1;
    if (!this.isEmpty) return;
    this.#inputs = [];
    this.#head = 0;
  }
}
