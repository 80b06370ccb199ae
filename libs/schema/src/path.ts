/** The way from a root down to a part of it, told from its end: a step down shares all that lies above it. */
export interface Path {
  readonly above: Path | undefined;
  readonly part: string | number;
}

export const below = (above: Path | undefined, part: string | number): Path => ({ above, part });

export function partsOfPath(path: Path | undefined): (string | number)[] {
  const parts: (string | number)[] = [];
  for (let at = path; at !== undefined; at = at.above) parts.push(at.part);
  return parts.reverse();
}

/** `lines[1].sku` */
export const formatPath = (path: Path | undefined): string => formatParts(partsOfPath(path));

export function formatParts(parts: readonly (string | number)[]): string {
  return parts.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** A part of a JSON pointer, escaped. */
export const pointerPart = (part: string | number): string =>
  String(part).replaceAll('~', '~0').replaceAll('/', '~1');

/** The parts of a JSON pointer, as it stands in a reference. */
export const partsOfPointer = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The path to what a JSON pointer leads to; a part of digits only is taken for an index. */
export const pathOfPointer = (pointer: string): Path | undefined =>
  partsOfPointer(pointer)
    .map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : part))
    .reduce<Path | undefined>(below, undefined);
