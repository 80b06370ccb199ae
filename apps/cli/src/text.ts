import { plain } from '@interlock/contracts';

/** `text` in at most `max` characters, ended by an ellipsis where it is longer. */
export function shortened(text: string, max: number): string {
  const line = plain(text);
  if (line.length <= max) return line;
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, Math.max(0, max - 1)).join('')}…`;
}

/** `text` as lines of at most `width` characters, broken between words; all but the first are indented. A longer word stays whole. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of plain(text).split(' ')) {
    if (line.trim() !== '' && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

export const lengthOf = (text: string): number => [...text].length;
