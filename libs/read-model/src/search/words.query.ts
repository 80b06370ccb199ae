/**
 * What people type, as a question to the index of words: all of the words, wherever they stand; a part in double quotes as it is written;
 * `lamp*` is any word that begins so. Nothing else has a meaning.
 */
export function wordsQuery(texts: readonly string[]): string {
  const parts = texts.flatMap((text) => text.match(/"[^"]*"|[^\s"]+/g) ?? []);
  const asked = parts.map(partQuery).filter((part) => part !== undefined);
  return asked.length === 0 ? NOTHING : asked.join(' AND ');
}

/** No run holds it. */
const NOTHING = '"\u{e000}"';

function partQuery(part: string): string | undefined {
  const isPrefix = part.length > 1 && part.endsWith('*');
  const plain = part.replaceAll('"', ' ').replaceAll('*', ' ').trim();
  // Without a letter or a digit nothing is a word.
  if (!/[\p{L}\p{N}]/u.test(plain)) return undefined;
  return `"${plain}"${isPrefix ? ' *' : ''}`;
}
