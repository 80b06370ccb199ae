import { SchemaDocument } from './document.js';
import { expansionProblems } from './expansion.js';
import { flawAt } from './flaw.js';
import { misformOf, partsOf } from './keywords.js';
import { limits } from './limits.js';
import { below, type Path, pathOfPointer } from './path.js';
import { patternOf } from './pattern.js';
import { PatternError } from './pattern.translate.js';
import { isObject, type JsonSchema, type Schema, SchemaError, type SchemaFlaw } from './schema.js';

/** What keeps a value from being used as a JSON Schema: its form, a reference, a pattern, or what it may cost. */
export function checkSchema(schema: unknown): SchemaFlaw[] {
  const checked = checkedDocument(schema);
  return checked instanceof SchemaDocument ? [] : checked;
}

const documents = new WeakMap<JsonSchema, SchemaDocument | SchemaFlaw[]>();

/** @throws {SchemaError} */
export function documentOf(schema: JsonSchema): SchemaDocument {
  let checked = documents.get(schema);
  if (checked === undefined) {
    checked = checkedDocument(schema);
    documents.set(schema, checked);
  }
  if (checked instanceof SchemaDocument) return checked;
  throw new SchemaError(checked);
}

function checkedDocument(schema: unknown): SchemaDocument | SchemaFlaw[] {
  if (!isObject(schema)) return [flawAt(undefined, 'a JSON Schema is an object')];
  const tooLarge = sizeFlaw(schema);
  if (tooLarge !== undefined) return [flawAt(undefined, tooLarge)];
  const document = new SchemaDocument(schema);
  const problems = new Check(document).problems();
  if (problems.length === 0) problems.push(...expansionProblems(document));
  return problems.length === 0 ? document : problems.slice(0, limits.problemsMax);
}

/** Before anything else looks at it: what follows goes through it by recursion. */
function sizeFlaw(schema: JsonSchema): string | undefined {
  let values = 0;
  const flawOf = (value: unknown, depth: number): string | undefined => {
    if (typeof value !== 'object' || value === null) return undefined;
    if (depth > limits.depthMax) return `is nested more than ${limits.depthMax} levels deep`;
    for (const item of Object.values(value)) {
      values += 1;
      if (values > limits.valuesMax) return `holds more than ${limits.valuesMax} values`;
      const flaw = flawOf(item, depth + 1);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  };
  return flawOf(schema, 0);
}

const unsupported: ReadonlySet<string> = new Set([
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
]);

/** Looks at every schema that stands in the document or is referred to, once. */
class Check {
  readonly #document: SchemaDocument;
  readonly #problems: SchemaFlaw[] = [];
  readonly #seen = new Set<JsonSchema>();
  readonly #patterns = new Set<string>();
  #patternsSize = 0;
  readonly #open: { readonly schema: JsonSchema; readonly path: Path | undefined }[] = [];

  constructor(document: SchemaDocument) {
    this.#document = document;
  }

  problems(): SchemaFlaw[] {
    this.#enter(this.#document.root, undefined);
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
      if (this.#problems.length >= limits.problemsMax) break;
      if (this.#seen.size > limits.subschemasMax) {
        this.#report(undefined, `has more than ${limits.subschemasMax} subschemas`);
        break;
      }
      this.#visit(next.schema, next.path);
    }
    return this.#problems;
  }

  #enter(schema: Schema, path: Path | undefined): void {
    if (!isObject(schema) || this.#seen.has(schema)) return;
    this.#seen.add(schema);
    this.#open.push({ schema, path });
  }

  #report(path: Path | undefined, message: string): void {
    this.#problems.push(flawAt(path, message));
  }

  #visit(schema: JsonSchema, path: Path | undefined): void {
    for (const [keyword, value] of Object.entries(schema)) {
      const misform = unsupported.has(keyword) ? 'is not supported' : misformOf(keyword, value);
      if (misform !== undefined) this.#report(below(path, keyword), misform);
    }
    const { pattern, patternProperties } = schema;
    if (typeof pattern === 'string') this.#pattern(pattern, below(path, 'pattern'));
    if (isObject(patternProperties)) {
      const at = below(path, 'patternProperties');
      for (const key of Object.keys(patternProperties)) this.#pattern(key, below(at, key));
    }
    this.#reference(schema, path);
    for (const { schema: part, at } of partsOf(schema))
      this.#enter(part, at.reduce<Path | undefined>(below, path));
  }

  #reference(schema: JsonSchema, path: Path | undefined): void {
    try {
      const target = this.#document.target(schema);
      if (target !== undefined) this.#enter(target.schema, pathOfPointer(target.pointer));
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      for (const { message } of error.problems) this.#report(below(path, '$ref'), message);
    }
  }

  #pattern(source: string, path: Path): void {
    if (this.#patterns.has(source) || this.#patternsSize > limits.patternsSizeMax) return;
    this.#patterns.add(source);
    try {
      this.#patternsSize += patternOf(source).size;
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      this.#report(path, `the pattern cannot be used: ${error.message}`);
    }
    if (this.#patternsSize > limits.patternsSizeMax)
      this.#report(path, `the patterns up to here have more than ${limits.patternsSizeMax} instructions`);
  }
}
