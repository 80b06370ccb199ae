/** Whether it has fields: an object, or a list. */
export const hasFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A field of whatever somebody else made; undefined: it has none of this name. */
export const fieldOf = (value: unknown, name: string): unknown =>
  hasFields(value) ? value[name] : undefined;

/** The code of an error of Node's or of ours; undefined: it has none. */
export function errorCodeOf(error: unknown): string | undefined {
  const code = fieldOf(error, 'code');
  return typeof code === 'string' ? code : undefined;
}
