/** A row as SQLite gives it. */
export type Fields = Readonly<Record<string, unknown>>;

const holdsNo = (name: string, what: string): Error => new Error(`column ${name} holds no ${what}`);

export function numberIn(row: Fields, name: string): number {
  const value = row[name];
  if (typeof value !== 'number') throw holdsNo(name, 'number');
  return value;
}

export function textIn(row: Fields, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw holdsNo(name, 'text');
  return value;
}

export function bytesIn(row: Fields, name: string): Uint8Array {
  const value = row[name];
  if (!(value instanceof Uint8Array)) throw holdsNo(name, 'bytes');
  return value;
}
