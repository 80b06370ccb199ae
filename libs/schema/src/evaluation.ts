import type { SchemaDocument } from './document.js';
import { evaluateInPlace } from './evaluate.in-place.js';
import { evaluateItems } from './evaluate.items.js';
import { evaluateProperties } from './evaluate.properties.js';
import { evaluateValue } from './evaluate.value.js';
import { limits } from './limits.js';
import { formatPath, type Path } from './path.js';
import { isObject, type Schema, type SchemaProblem } from './schema.js';

/** A validation takes more steps than any value is worth. */
export class TooExpensiveError extends Error {
  constructor() {
    super(`checking it takes more than ${limits.stepsMax} steps`);
    this.name = 'TooExpensiveError';
  }
}

/** Which parts of a value the schemas that it fits have evaluated: what `unevaluated...` leaves to be evaluated. */
export class Evaluated {
  readonly keys = new Set<string>();
  readonly items = new Set<number>();

  add({ keys, items }: Evaluated): void {
    for (const key of keys) this.keys.add(key);
    for (const item of items) this.items.add(item);
  }
}

/** A field of an object that a schema names, or (without a key) that a schema says which fields the object has. */
export interface Declaration {
  readonly of: object;
  readonly key?: string;
}

interface Mark {
  readonly problems: number;
  readonly declarations: number;
}

/**
 * Evaluates one value by one schema. Every schema that is applied, every key that is looked at and every character that is
 * compared costs steps, and a validation that runs out of them ends: the same one on every machine.
 */
export class Evaluation {
  readonly problems: SchemaProblem[] = [];
  readonly declarations: Declaration[] = [];
  readonly #document: SchemaDocument;
  readonly #tracks: boolean;
  #steps = 0;
  #depth = 0;

  constructor(document: SchemaDocument) {
    this.#document = document;
    this.#tracks = document.asksForUnevaluated;
  }

  get steps(): number {
    return this.#steps;
  }

  /** @throws {TooExpensiveError} */
  readonly spend = (steps: number): void => {
    this.#steps += steps;
    if (this.#steps > limits.stepsMax) throw new TooExpensiveError();
  };

  /** @throws {TooExpensiveError} what goes through the value by recursion would go too deep */
  nest(depth: number): void {
    if (depth > limits.nestingMax) throw new TooExpensiveError();
  }

  /** @returns false, so that whoever finds something wrong can say so in one line */
  report(path: Path | undefined, message: string): false {
    if (this.problems.length < limits.problemsMax)
      this.problems.push({ path: formatPath(path), message: cut(message) });
    return false;
  }

  declare(of: object, key?: string): void {
    this.declarations.push(key === undefined ? { of } : { of, key });
  }

  /**
   * Whether the value fits; what is wrong with it is reported.
   * @param into takes what was evaluated of a value that fits
   */
  evaluate(schema: Schema, value: unknown, path: Path | undefined, into?: Evaluated): boolean {
    this.spend(1);
    if (schema === true) return true;
    if (schema === false) return this.report(path, 'no value is allowed here');
    this.#depth += 1;
    this.nest(this.#depth);
    const evaluated = this.#tracks ? new Evaluated() : undefined;
    const isFit = all([
      evaluateValue(this, schema, value, path),
      evaluateInPlace(this, this.#document.target(schema)?.schema, schema, value, path, evaluated),
      !Array.isArray(value) || evaluateItems(this, schema, value, path, evaluated),
      !isObject(value) || evaluateProperties(this, schema, value, path, evaluated),
    ]);
    this.#depth -= 1;
    if (isFit && evaluated !== undefined) this.#pass(evaluated, into);
    return isFit;
  }

  /** Evaluates a value that may as well not fit: then nothing is reported of it, and nothing declared. */
  attempt(schema: Schema, value: unknown, path: Path | undefined, into?: Evaluated): boolean {
    const { problems, declarations } = this.mark();
    const isFit = this.evaluate(schema, value, path, into);
    this.problems.length = problems;
    if (!isFit) this.declarations.length = declarations;
    return isFit;
  }

  mark(): Mark {
    return { problems: this.problems.length, declarations: this.declarations.length };
  }

  #pass(evaluated: Evaluated, into: Evaluated | undefined): void {
    if (into === undefined) return;
    this.spend(evaluated.keys.size + evaluated.items.size);
    into.add(evaluated);
  }
}

const all = (verdicts: readonly boolean[]): boolean => !verdicts.includes(false);

const cut = (text: string): string =>
  text.length <= limits.messageCharsMax ? text : `${text.slice(0, limits.messageCharsMax - 3)}...`;
