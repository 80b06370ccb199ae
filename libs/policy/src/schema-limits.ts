import { nestingOf } from './cedar-value.js';
import { BRACKETS_MAX, bareText, excessOf } from './text-limits.js';

/**
 * Common types may name one another, and Cedar writes each out wherever it is named: thirty lines describe a billion attributes, and
 * Cedar 4.13 works on them for six minutes.
 */
export const EXPANDED_MAX = 10_000;

/** What keeps a schema, as text or as JSON, from being given to Cedar; undefined: nothing. */
export function excessOfSchema(schema: unknown): string | undefined {
  const excess =
    typeof schema === 'string'
      ? excessOf(schema.replaceAll('<', '(').replaceAll('>', ')'))
      : deepJson(schema);
  if (excess !== undefined) return excess;
  return writtenOut(typeof schema === 'string' ? namesInText(schema) : namesInJson(schema)) > EXPANDED_MAX
    ? `its common types stand for more than ${EXPANDED_MAX} names when they are written out, or without end`
    : undefined;
}

const deepJson = (schema: unknown): string | undefined =>
  nestingOf(schema, BRACKETS_MAX + 1) > BRACKETS_MAX ? `is nested deeper than ${BRACKETS_MAX}` : undefined;

/** The names that stand in the definition of each common type; those of all namespaces in one, which may count too many. */
type Named = ReadonlyMap<string, readonly string[]>;

function namesInText(schema: string): Named {
  const definitions = bareText(schema).matchAll(/\btype\s+(\w+)\s*=([^;]*)/g);
  return collected([...definitions].map(([, name = '', body = '']) => [name, body.match(/\w+/g) ?? []]));
}

function namesInJson(schema: unknown): Named {
  const namespaces = typeof schema === 'object' && schema !== null ? Object.values(schema) : [];
  const definitions = namespaces.flatMap((namespace: unknown) =>
    typeof namespace === 'object' && namespace !== null && 'commonTypes' in namespace
      ? Object.entries(namespace.commonTypes ?? {})
      : [],
  );
  return collected(definitions.map(([name, body]) => [name, JSON.stringify(body).match(/\w+/g) ?? []]));
}

function collected(definitions: readonly (readonly [string, readonly string[]])[]): Named {
  const named = new Map<string, readonly string[]>();
  for (const [name, names] of definitions) named.set(name, [...(named.get(name) ?? []), ...names]);
  return named;
}

/** How many names all definitions hold once every common type stands written out where it is named. */
function writtenOut(named: Named): number {
  const known = new Map<string, number>();
  const sizeOf = (name: string): number => {
    const names = named.get(name);
    if (names === undefined) return 1;
    const size = known.get(name);
    if (size !== undefined) return size;
    // Met again while it is being counted, it holds itself.
    known.set(name, EXPANDED_MAX + 1);
    const found = names.reduce((sum, inner) => Math.min(sum + sizeOf(inner), EXPANDED_MAX + 1), 1);
    known.set(name, found);
    return found;
  };
  return [...named.keys()].reduce((sum, name) => sum + sizeOf(name), 0);
}
