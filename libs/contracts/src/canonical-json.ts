/**
 * The RFC 8785 JSON of a JSON value: equal text for equal values, whatever their key order. Fields that are undefined are left out.
 * @throws {TypeError} not a JSON value: a number that is not finite, a lone surrogate, a function, a bigint
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return textJson(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : objectJson(value);
    default:
      throw new TypeError(`a ${typeof value} has no JSON`);
  }
}

function objectJson(value: object): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return canonicalJson(value.toJSON());
  let text = '';
  // The order of UTF-16 code units, which is the one RFC 8785 asks for.
  for (const key of Object.keys(value).sort()) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    text += `${text === '' ? '' : ','}${textJson(key)}:${canonicalJson(item)}`;
  }
  return `{${text}}`;
}

function textJson(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('text with a lone surrogate has no JSON');
  return JSON.stringify(text);
}
