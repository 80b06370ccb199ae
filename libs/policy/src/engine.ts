import { createRequire } from 'node:module';
import type { CodeOf } from '@interlock/contracts';

export type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs');

/** Cedar's WASM has died, and whatever it had parsed is lost. */
export class EngineTrap extends Error {
  readonly code = 'policy.engine_trapped' satisfies CodeOf<'fault'>;

  constructor(cause: unknown) {
    super('the policy engine failed and was started again', { cause });
    this.name = 'EngineTrap';
  }
}

/**
 * Cedar with a life of its own. An expression that is too deep or too long for it ends in a trap (Cedar 4.13: 150 parentheses, 400
 * terms), and after one every further answer of that instance is wrong. So a trap throws the instance away; the next use gets a new one.
 */
export class Engine {
  #cedar: Cedar | undefined;
  #generation = 0;
  readonly #listeners: (() => void)[] = [];

  onTrap(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * @param work gets the instance and its number: what an instance has parsed is gone when the number has changed
   * @throws {EngineTrap} the instance died of it
   */
  use<T>(work: (cedar: Cedar, generation: number) => T): T {
    this.#cedar ??= this.#start();
    try {
      return work(this.#cedar, this.#generation);
    } catch (error) {
      if (!isTrap(error)) throw error;
      this.#cedar = undefined;
      for (const listener of this.#listeners) listener();
      throw new EngineTrap(error);
    }
  }

  #start(): Cedar {
    this.#generation += 1;
    return freshCedar();
  }
}

/** The one that answers questions. What nobody has judged yet is tried on an engine of its own. */
export const engine = new Engine();

/** A stack that has overflowed in JavaScript has left Cedar in the middle of its work, too. */
const isTrap = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError');

/** Cedar's module holds one instance; loaded again it makes another (75 ms). */
function freshCedar(): Cedar {
  const load = createRequire(import.meta.url);
  const path = load.resolve('@cedar-policy/cedar-wasm/nodejs');
  delete load.cache[path];
  return load(path) as Cedar;
}
