import { type AST, RegExpParser } from '@eslint-community/regexpp';

/** A pattern that is not valid, or that cannot be run in linear time. */
export class PatternError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PatternError';
  }
}

const parser = new RegExpParser({ ecmaVersion: 2025 });

/**
 * The pattern in the syntax of RE2, meaning the same. JSON Schema's patterns are those of JavaScript with the flag `u`,
 * and the two differ in what `.`, `\s` and `$` stand for, and in how a character is written.
 * @throws {PatternError}
 */
export function toRe2(pattern: string): string {
  return disjunction(parse(pattern).alternatives);
}

function parse(pattern: string): AST.Pattern {
  try {
    return parser.parsePattern(pattern, undefined, undefined, { unicode: true });
  } catch (error) {
    throw new PatternError(error instanceof Error ? error.message : String(error));
  }
}

const disjunction = (alternatives: readonly AST.Alternative[]): string =>
  alternatives.map(({ elements }) => elements.map(element).join('')).join('|');

function element(node: AST.Element): string {
  switch (node.type) {
    case 'Assertion':
      return assertion(node);
    case 'Group':
      if (node.modifiers !== null)
        throw new PatternError(`"${node.raw}" changes flags: they are not supported`);
      return `(?:${disjunction(node.alternatives)})`;
    case 'CapturingGroup':
      return `(?:${disjunction(node.alternatives)})`;
    case 'Quantifier':
      return `(?:${element(node.element)})${counts(node)}`;
    case 'Character':
      return character(node.value);
    case 'CharacterSet':
      return node.kind === 'any' ? '[^\\n\\r\\x{2028}\\x{2029}]' : `[${set(node)}]`;
    case 'CharacterClass':
      return characterClass(node);
    case 'Backreference':
      throw new PatternError(
        `"${node.raw}" refers back to a group: no such pattern can be run in bounded time`,
      );
    case 'ExpressionCharacterClass':
      throw new PatternError(`"${node.raw}" is not supported`);
  }
}

function assertion(node: AST.Assertion): string {
  switch (node.kind) {
    case 'start':
      return '\\A';
    case 'end':
      return '\\z';
    case 'word':
      return node.negate ? '\\B' : '\\b';
    default:
      throw new PatternError(
        `"${node.raw}" looks ahead or behind: no such pattern can be run in bounded time`.slice(0, 500),
      );
  }
}

function counts({ min, max }: AST.Quantifier): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  return `{${min},${max}}`;
}

function character(code: number): string {
  if (code >= 0xd800 && code <= 0xdfff)
    throw new PatternError('half a character (a lone surrogate) matches no text');
  return `\\x{${code.toString(16)}}`;
}

const EVERYTHING = '\\x{0}-\\x{10ffff}';

function characterClass({ negate, elements }: AST.CharacterClass): string {
  if (elements.length === 0) return negate ? `[${EVERYTHING}]` : `[^${EVERYTHING}]`;
  const inside = elements.map((part) => {
    switch (part.type) {
      case 'Character':
        return character(part.value);
      case 'CharacterClassRange':
        return `${character(part.min.value)}-${character(part.max.value)}`;
      case 'CharacterSet':
        return set(part);
      default:
        throw new PatternError(`"${part.raw}" is not supported`);
    }
  });
  return `[${negate ? '^' : ''}${inside.join('')}]`;
}

type Ranges = readonly (readonly [number, number])[];

const digits: Ranges = [[0x30, 0x39]];
const words: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const spaces: Ranges = [
  [0x9, 0xd],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

/** What stands in brackets for a set of characters. */
function set(node: Exclude<AST.CharacterSet, AST.AnyCharacterSet>): string {
  switch (node.kind) {
    case 'digit':
      return ranges(digits, node.negate);
    case 'word':
      return ranges(words, node.negate);
    case 'space':
      return ranges(spaces, node.negate);
    case 'property':
      return property(node);
  }
}

function ranges(of: Ranges, negate: boolean): string {
  const included = negate ? complement(of) : of;
  return included.map(([from, to]) => `\\x{${from.toString(16)}}-\\x{${to.toString(16)}}`).join('');
}

function complement(of: Ranges): Ranges {
  const gaps: [number, number][] = [];
  let free = 0;
  for (const [from, to] of of) {
    gaps.push([free, from - 1]);
    free = to + 1;
  }
  return [...gaps, [free, 0x10ffff]];
}

/** RE2 knows general categories by their short names, and scripts. */
function property({ key, value, negate, raw }: AST.UnicodePropertyCharacterSet): string {
  const name = value ?? key;
  const isKnown =
    key === 'General_Category' || key === 'gc' || key === 'Script' || key === 'sc' || value === null;
  if (!isKnown) throw new PatternError(`"${raw}" is not supported`);
  return `\\${negate ? 'P' : 'p'}{${name}}`;
}
