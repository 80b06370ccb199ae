/** One line without control characters: what others wrote cannot move the cursor of whoever reads it. */
export const plain = (text: string): string =>
  text
    .replaceAll(/\s+/g, (space) => (/[^ ]/.test(space) ? ' ' : space))
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\u{fffd}');
