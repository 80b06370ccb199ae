import { limits } from './limits.js';
import { formatParts, type Path, partsOfPath } from './path.js';
import type { SchemaFlaw } from './schema.js';

/** A path that went round in references is not told in full. */
const PARTS_MAX = 24;

export function flawAt(path: Path | undefined, message: string): SchemaFlaw {
  const at = partsOfPath(path).slice(0, PARTS_MAX);
  return { at, path: formatParts(at), message: message.slice(0, limits.messageCharsMax) };
}
