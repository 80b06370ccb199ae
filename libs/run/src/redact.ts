import { byReference, storedIn } from '@interlock/contracts';

/** Stands in the place of a redacted value. */
export const REDACTED = '[redacted]';

/**
 * The value without what lies at `paths`: `email`, `customer.email`, `items.*.email`. A path goes through every item of
 * a list whether or not it says `*`; a path that leads nowhere takes out nothing.
 */
export function redact(value: unknown, paths: readonly string[]): unknown {
  const stored = storedIn(value);
  // It is taken out where the value is read.
  if (stored !== undefined)
    return byReference({ ...stored, without: [...new Set([...(stored.without ?? []), ...paths])] });
  return paths.reduce((rest, path) => cut(rest, segmentsOf(path)), value);
}

const segmentsOf = (path: string): string[] =>
  path
    .replace(/^\$\.?/, '')
    .replace(/\[/g, '.')
    .replace(/\]/g, '')
    .split(/[./]/)
    .filter((part) => part !== '');

function cut(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return REDACTED;
  if (Array.isArray(value)) {
    if (/^\d+$/.test(first))
      return value.map((item, index) => (index === Number(first) ? cut(item, rest) : item));
    return value.map((item) => cut(item, first === '*' ? rest : path));
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value);
  return Object.fromEntries(
    fields.map(([name, item]) => [name, first === '*' || name === first ? cut(item, rest) : item]),
  );
}
