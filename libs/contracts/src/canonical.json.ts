import canonicalize from 'canonicalize';

/**
 * The one JSON text of a value that RFC 8785 gives. A step hashes some ten values, and the library, which is careful with everything
 * that a value may be, took 7 % of the main thread. Here is the short way for what nearly all values consist of; the library decides on
 * the rest, and on what is no JSON.
 * @throws the value is none of JSON
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  if (typeof value === 'number' && Number.isFinite(value)) return `${value}`;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (Array.isArray(value)) return ofList(value);
  if (isObject(value) && typeof value.toJSON !== 'function') return ofFields(value);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON values can be hashed');
  return text;
}

/** Nothing in it needs a backslash, and no half of a surrogate pair can be in it. */
const PLAIN = /^[ !#-[\]-~]*$/;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object';

function ofList(items: readonly unknown[]): string {
  let text = '[';
  for (let at = 0; at < items.length; at++) {
    // As `JSON.stringify` has it: a gap keeps its place.
    text += `${at > 0 ? ',' : ''}${canonicalJson(items[at] ?? null)}`;
  }
  return `${text}]`;
}

function ofFields(fields: Readonly<Record<string, unknown>>): string {
  let text = '{';
  let isFirst = true;
  for (const name of inOrder(Object.keys(fields))) {
    const field = fields[name];
    if (field === undefined) continue;
    text += `${isFirst ? '' : ','}${canonicalJson(name)}:${canonicalJson(field)}`;
    isFirst = false;
  }
  return `${text}}`;
}

/** So many are sorted by insertion: most objects have few names, often in order already, and a call of `sort` costs more. */
const FEW = 16;

/** Sorts `names` itself by UTF-16 code units. */
function inOrder(names: string[]): string[] {
  if (names.length > FEW) return names.sort();
  for (let next = 1; next < names.length; next++) {
    const name = names[next] ?? '';
    let at = next;
    for (; at > 0 && (names[at - 1] ?? '') > name; at--) names[at] = names[at - 1] ?? '';
    names[at] = name;
  }
  return names;
}
