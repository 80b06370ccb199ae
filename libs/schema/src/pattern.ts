import { RE2JS } from 're2js';
import { limits } from './limits.js';
import { PatternError, toRe2 } from './pattern.translate.js';

/** A pattern that runs in time linear in the text. */
export interface Pattern {
  /** Instructions of its program: what one character of a text may cost. */
  readonly size: number;
  test(text: string): boolean;
}

/**
 * What zod writes for three of its formats looks ahead, which RE2 cannot do. These very patterns are checked by the
 * engine of JavaScript: each passes once over the text for every part that it has.
 */
const known: ReadonlyMap<string, RegExp> = new Map(
  [
    /^(?=.{1,253}\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\.?$/u,
    /^P(?:(\d+W)|(?!.*W)(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)$/u,
    // biome-ignore lint/suspicious/noMisleadingCharacterClass: it is zod's own
    /^(?=[\s\S]*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20E3])[\p{Extended_Pictographic}\p{Emoji_Component}]+$/u,
  ].map((pattern) => [pattern.source, pattern]),
);
const KNOWN_SIZE = 50;

/** Compiled programs of the whole process. */
const KEPT_MAX = 500;
const kept = new Map<string, Pattern>();

/** @throws {PatternError} */
export function patternOf(source: string): Pattern {
  const found = kept.get(source);
  if (found !== undefined) return found;
  const pattern = compile(source);
  const oldest = kept.size >= KEPT_MAX ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(source, pattern);
  return pattern;
}

function compile(source: string): Pattern {
  if (source.length > limits.patternCharsMax) {
    throw new PatternError(`has ${source.length} characters; at most ${limits.patternCharsMax}`);
  }
  const own = known.get(source);
  if (own !== undefined) return { size: KNOWN_SIZE, test: (text) => own.test(text) };
  const program = programOf(toRe2(source));
  const size = program.programSize();
  if (size > limits.patternSizeMax) {
    throw new PatternError(`is too large: ${size} instructions; at most ${limits.patternSizeMax}`);
  }
  return { size, test: (text) => program.test(text) };
}

function programOf(translated: string): RE2JS {
  try {
    return RE2JS.compile(translated);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new PatternError(message.replace(/^error parsing regexp: /, ''));
  }
}
