import type { Environment } from '@marcbachmann/cel-js';
import { calledName, type SyntaxNode, walkSyntax } from './cel.ast.js';
import { spend, unitsOfText } from './cel.budget.js';

/*
 * The library counts UTF-16 units where CEL counts characters, so it would cut a character outside the basic plane in the
 * middle. Its own overloads cannot be replaced: what is written as one of them is called by a name of ours.
 */

type Argument = string | bigint;
type Apply = (text: string, first: Argument, second: Argument) => unknown;

const functions: Readonly<Record<string, Apply>> = {
  'substring(int): string': (text, start) => substring(text, Number(start)),
  'substring(int, int): string': (text, start, end) => substring(text, Number(start), Number(end)),
  'indexOf(string): int': (text, search) => indexOf(text, String(search), 0),
  'indexOf(string, int): int': (text, search, from) => indexOf(text, String(search), Number(from)),
  'lastIndexOf(string): int': (text, search) => lastIndexOf(text, String(search)),
  'lastIndexOf(string, int): int': (text, search, from) => lastIndexOf(text, String(search), Number(from)),
  'split(string): list<string>': (text, separator) => split(text, String(separator), -1),
  'split(string, int): list<string>': (text, separator, max) => split(text, String(separator), Number(max)),
};

const OURS = 'OfCharacters';
const names = new Set(Object.keys(functions).map((signature) => signature.slice(0, signature.indexOf('('))));

export function registerTextFunctions(environment: Environment): void {
  for (const [signature, apply] of Object.entries(functions)) {
    const named = signature.replace('(', `${OURS}(`);
    environment.registerFunction(`string.${named}`, (text: string, first: Argument, second: Argument) => {
      spend(unitsOfText(text));
      return apply(text, first, second);
    });
  }
}

/** Before the type check: what is called as a text function of the library is one of ours. */
export function useTextFunctions(root: SyntaxNode): void {
  walkSyntax(root, (node) => {
    const name = calledName(node);
    if (node.op === 'rcall' && Array.isArray(node.args) && name !== undefined && names.has(name))
      node.args[0] = `${name}${OURS}`;
  });
}

/** A message of the library in the words of whoever wrote the expression. */
export const inWrittenNames = (message: string): string => message.replaceAll(OURS, '');

const PAIRS = /[\ud800-\udfff]/;

/** Where the character of this number begins; undefined: the text ends before it. */
function unitAt(text: string, character: number): number | undefined {
  if (!PAIRS.test(text)) return character >= 0 && character <= text.length ? character : undefined;
  let unit = 0;
  for (let passed = 0; passed < character; passed += 1) {
    const code = text.codePointAt(unit);
    if (code === undefined) return undefined;
    unit += code > 0xffff ? 2 : 1;
  }
  return character < 0 ? undefined : unit;
}

function characterAt(text: string, unit: number): bigint {
  if (unit < 0 || !PAIRS.test(text)) return BigInt(unit);
  let characters = 0;
  for (let at = 0; at < unit; characters += 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return BigInt(characters);
}

function placeIn(text: string, character: number, what: string): number {
  const unit = unitAt(text, character);
  if (unit === undefined) throw new Error(`${what} ${character} lies outside the text`);
  return unit;
}

function substring(text: string, start: number, end?: number): string {
  const from = placeIn(text, start, 'substring(): the start');
  if (end === undefined) return text.slice(from);
  if (end < start) throw new Error(`substring(): the end ${end} lies before the start ${start}`);
  return text.slice(from, placeIn(text, end, 'substring(): the end'));
}

const indexOf = (text: string, search: string, from: number): bigint =>
  characterAt(text, text.indexOf(search, placeIn(text, from, 'indexOf(): the start')));

const lastIndexOf = (text: string, search: string, from?: number): bigint =>
  characterAt(
    text,
    text.lastIndexOf(
      search,
      from === undefined ? undefined : placeIn(text, from, 'lastIndexOf(): the start'),
    ),
  );

/** At most `max` parts, with the rest in the last one; below 0: all parts. */
function split(text: string, separator: string, max: number): string[] {
  if (max === 0) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (max < 0 || parts.length <= max) return parts;
  return [...parts.slice(0, max - 1), parts.slice(max - 1).join(separator)];
}
