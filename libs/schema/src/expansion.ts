import type { SchemaDocument } from './document.js';
import { flawAt } from './flaw.js';
import { partsOf } from './keywords.js';
import { limits } from './limits.js';
import { below, type Path } from './path.js';
import { isObject, type JsonSchema, type Schema, type SchemaFlaw } from './schema.js';

interface Edge {
  readonly to: Schema;
  readonly path: Path | undefined;
  readonly inPlace: boolean;
}

/**
 * What is wrong with a schema once its references are followed: it is larger than it looks (a few lines can name each
 * other twice, thirty levels deep), or it applies itself to the same value and would never end.
 */
export function expansionProblems(document: SchemaDocument): SchemaFlaw[] {
  const expansion = new Expansion(document);
  expansion.sizeOf(document.root, undefined, 0);
  return expansion.problems;
}

class Expansion {
  readonly problems: SchemaFlaw[] = [];
  readonly #document: SchemaDocument;
  readonly #sizes = new Map<JsonSchema, number>();
  readonly #open = new Set<JsonSchema>();
  readonly #inPlace = new Map<JsonSchema, 'open' | 'done'>();

  constructor(document: SchemaDocument) {
    this.#document = document;
  }

  /** How many subschemas it has when each reference is replaced by what it leads to. */
  sizeOf(schema: Schema, path: Path | undefined, depth: number): number {
    if (!isObject(schema) || this.#open.has(schema) || this.problems.length > 0) return 1;
    const known = this.#sizes.get(schema);
    if (known !== undefined) return known;
    if (depth > limits.nestingMax)
      return this.#refuse(path, `leads through more than ${limits.nestingMax} schemas`);
    this.#refuseLoops(schema, path, 0);
    this.#open.add(schema);
    let size = 1;
    for (const edge of this.#edges(schema, path)) size += this.sizeOf(edge.to, edge.path, depth + 1);
    this.#open.delete(schema);
    if (size > limits.expandedMax)
      return this.#refuse(
        path,
        `has more than ${limits.expandedMax} subschemas once its references are followed`,
      );
    this.#sizes.set(schema, size);
    return size;
  }

  #refuseLoops(schema: JsonSchema, path: Path | undefined, depth: number): void {
    const state = this.#inPlace.get(schema);
    if (state === 'done' || this.problems.length > 0) return;
    if (state === 'open')
      return void this.#refuse(path, 'applies itself to the same value, and would never end');
    if (depth > limits.nestingMax)
      return void this.#refuse(path, `leads through more than ${limits.nestingMax} schemas`);
    this.#inPlace.set(schema, 'open');
    for (const { to, path: at, inPlace } of this.#edges(schema, path))
      if (inPlace && isObject(to)) this.#refuseLoops(to, at, depth + 1);
    this.#inPlace.set(schema, 'done');
  }

  #edges(schema: JsonSchema, path: Path | undefined): Edge[] {
    const edges: Edge[] = partsOf(schema)
      .filter(({ at: [keyword] }) => keyword !== '$defs' && keyword !== 'definitions')
      .map(({ schema: to, at, inPlace }) => ({
        to,
        path: at.reduce<Path | undefined>(below, path),
        inPlace,
      }));
    const target = this.#document.target(schema);
    return target === undefined
      ? edges
      : [...edges, { to: target.schema, path: below(path, '$ref'), inPlace: true }];
  }

  #refuse(path: Path | undefined, message: string): number {
    this.problems.push(flawAt(path, message));
    return 1;
  }
}
