import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A setting that is never shown: not in a log, not in an error, not in JSON. Only who asks for it by name gets it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
