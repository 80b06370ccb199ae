import { errorText } from './error.text.js';
import { pathText, problemOf, problemOfNumber, type ValueLimits, type ValueProblem } from './value.js';

export type ReadValue =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: ValueProblem };

/** Reads JSON text that comes from outside. A value that the text does not say plainly is refused: see `problemOf`. Never throws. */
export function readValue(text: string, limits?: ValueLimits): ReadValue {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = errorText(error);
    return refused({ path: '', reason: `not valid JSON: ${reason.slice(0, 200).toWellFormed()}` });
  }
  const problem = problemOf(value, limits);
  // Only the text tells the digits that were sent, and a key that is there twice. The depth is known to be small then.
  const textProblem = problem === undefined || isAboutNumber(problem) ? problemOfText(text) : undefined;
  const found = textProblem ?? problem;
  return found === undefined ? { ok: true, value } : refused(found);
}

const refused = (problem: ValueProblem): ReadValue => ({ ok: false, problem });

const isAboutNumber = ({ reason }: ValueProblem): boolean =>
  /^the integer |is not a JSON number$/.test(reason);

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** An array or object under way in the text. */
interface Level {
  /** Of an object: those it has had. */
  readonly keys: Set<string> | undefined;
  place: string | number;
}

/** What a valid JSON text says and its parsed value hides: keys that are there twice, numbers that were cut. */
function problemOfText(text: string): ValueProblem | undefined {
  const levels: Level[] = [];
  let lastText = '';
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const level = levels.at(-1);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      lastText = text.slice(at, end);
      at = end - 1;
    } else if (code === COLON && level?.keys !== undefined) {
      const key = String(JSON.parse(lastText));
      level.place = key;
      if (level.keys.has(key)) return { path: pathIn(levels), reason: 'the key is there twice' };
      level.keys.add(key);
    } else if (code === COMMA && typeof level?.place === 'number') level.place += 1;
    else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, at);
      const written = text.slice(at, end);
      const reason = problemOfNumber(Number(written), written);
      if (reason !== undefined) return { path: pathIn(levels), reason };
      at = end - 1;
    } else openOrClose(levels, text[at]);
  }
  return undefined;
}

function openOrClose(levels: Level[], mark: string | undefined): undefined {
  if (mark === '{') levels.push({ keys: new Set(), place: '' });
  else if (mark === '[') levels.push({ keys: undefined, place: 0 });
  else if (mark === '}' || mark === ']') levels.pop();
}

/** Behind the quote that ends the string which starts at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && isInNumber(text.charCodeAt(at))) at += 1;
  return at;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Digits, `.`, `+`, `-`, `e` and `E`. */
const isInNumber = (code: number): boolean =>
  isDigit(code) || code === 0x2e || code === 0x2b || code === MINUS || code === 0x65 || code === 0x45;

const pathIn = (levels: readonly Level[]): string => pathText(levels.map(({ place }) => place));
