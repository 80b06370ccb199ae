/*
 * How much of what a model says can be found in what it was told: no model judges here, so the same log always gives the same share.
 *
 * G1  A claim is a number or a text in the output. What its schema lets the model choose from (`enum`, `const`, yes or no) claims nothing.
 * G2  A claim is found when it stands in the sources: a text as a whole value or as whole words of one, a number as a value or in a text.
 * G3  Of a text of several words that is not found as it is, the words with digits in them are the claims: amounts, dates, identifiers.
 *     The words around them are the model's own, and no claims.
 * G4  The first 200 claims are looked up: nothing a model says may keep a service busy.
 */

const CLAIMS_MAX = 200;

type Schema = Readonly<Record<string, unknown>>;

export interface Groundedness {
  readonly claims: number;
  readonly found: number;
}

/**
 * @param output what the model gave
 * @param schema JSON Schema of the output, if it has one
 * @param sources what it was told: input, facts, results of tools
 */
export function groundednessOf(output: unknown, schema: unknown, sources: readonly unknown[]): Groundedness {
  const known = new KnownScalars(sources);
  const claims = claimsIn(output, schema)
    .slice(0, CLAIMS_MAX)
    .flatMap((claim) => (known.has(claim) ? [claim] : partsOf(claim)))
    .slice(0, CLAIMS_MAX);
  return { claims: claims.length, found: claims.filter((claim) => known.has(claim)).length };
}

/** G1 */
function claimsIn(value: unknown, schema: unknown): string[] {
  const { enum: choices, const: only, properties, items }: Schema = isObject(schema) ? schema : {};
  if (choices !== undefined || only !== undefined) return [];
  if (typeof value === 'number') return [String(value)];
  if (typeof value === 'string') return normal(value) === '' ? [] : [normal(value)];
  if (Array.isArray(value)) return value.flatMap((item) => claimsIn(item, items));
  if (!isObject(value)) return [];
  const named = isObject(properties) ? properties : {};
  return Object.entries(value).flatMap(([name, item]) => claimsIn(item, named[name]));
}

/** G3 */
const partsOf = (claim: string): string[] =>
  /\s/.test(claim) ? words(claim).filter((word) => /\p{N}/u.test(word)) : [claim];

/** Words without the punctuation around them; `ord-0003` and `12.50` are one word each. */
const words = (text: string): string[] =>
  text
    .split(/\s+/)
    .map((word) => word.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '');

/** G2 */
class KnownScalars {
  readonly #values = new Set<string>();
  /** All of it, each value between line ends: no claim holds one. */
  readonly #text: string;

  constructor(sources: readonly unknown[]) {
    for (const source of sources) this.#add(source);
    this.#text = `\n${[...this.#values].join('\n')}\n`;
  }

  has(claim: string): boolean {
    if (this.#values.has(claim)) return true;
    for (let at = this.#text.indexOf(claim); at >= 0; at = this.#text.indexOf(claim, at + 1))
      if (standsAlone(this.#text, at, at + claim.length)) return true;
    return false;
  }

  #add(value: unknown): void {
    if (typeof value === 'string') this.#values.add(normal(value));
    else if (typeof value === 'number') this.#values.add(String(value));
    else if (Array.isArray(value)) for (const item of value) this.#add(item);
    else if (isObject(value)) for (const item of Object.values(value)) this.#add(item);
  }
}

/** `12` is not found in `120`, nor in `12.5`, nor `-3` in `ord-3`. */
function standsAlone(text: string, start: number, end: number): boolean {
  const part = /[\p{L}\p{N}]/u;
  const [before, after] = [text[start - 1] ?? '', text[end] ?? ''];
  if (part.test(before) || part.test(after)) return false;
  const isNumber = /^-?\d/.test(text.slice(start, end));
  if (!isNumber) return true;
  const goesOn = /[.,-]/.test(after) && /\d/.test(text[end + 1] ?? '');
  const wentOn = /[.,-]/.test(before) && part.test(text[start - 2] ?? '');
  return !goesOn && !wentOn;
}

const normal = (text: string): string => text.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/g, ' ');

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
