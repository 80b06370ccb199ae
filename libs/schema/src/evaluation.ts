import type { SchemaDocument } from './document.js';
import { judgeInPlace } from './judge.in-place.js';
import { judgeItems } from './judge.items.js';
import { judgeProperties } from './judge.properties.js';
import { judgeValue } from './judge.value.js';
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

/** Which parts of a value the schemas that it fits have judged: what `unevaluated...` leaves to be judged. */
export class Judged {
  readonly keys = new Set<string>();
  readonly items = new Set<number>();

  add({ keys, items }: Judged): void {
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
 * Judges one value by one schema. Every schema that is applied, every key that is looked at and every character that is
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
   * @param into takes what was judged of a value that fits
   */
  judge(schema: Schema, value: unknown, path: Path | undefined, into?: Judged): boolean {
    this.spend(1);
    if (schema === true) return true;
    if (schema === false) return this.report(path, 'no value is allowed here');
    this.#depth += 1;
    this.nest(this.#depth);
    const judged = this.#tracks ? new Judged() : undefined;
    const isFit = all([
      judgeValue(this, schema, value, path),
      judgeInPlace(this, this.#document.target(schema)?.schema, schema, value, path, judged),
      !Array.isArray(value) || judgeItems(this, schema, value, path, judged),
      !isObject(value) || judgeProperties(this, schema, value, path, judged),
    ]);
    this.#depth -= 1;
    if (isFit && judged !== undefined) this.#pass(judged, into);
    return isFit;
  }

  /** Judges a value that may as well not fit: then nothing is reported of it, and nothing declared. */
  attempt(schema: Schema, value: unknown, path: Path | undefined, into?: Judged): boolean {
    const { problems, declarations } = this.mark();
    const isFit = this.judge(schema, value, path, into);
    this.problems.length = problems;
    if (!isFit) this.declarations.length = declarations;
    return isFit;
  }

  mark(): Mark {
    return { problems: this.problems.length, declarations: this.declarations.length };
  }

  #pass(judged: Judged, into: Judged | undefined): void {
    if (into === undefined) return;
    this.spend(judged.keys.size + judged.items.size);
    into.add(judged);
  }
}

const all = (verdicts: readonly boolean[]): boolean => !verdicts.includes(false);

const cut = (text: string): string =>
  text.length <= limits.messageCharsMax ? text : `${text.slice(0, limits.messageCharsMax - 3)}...`;
