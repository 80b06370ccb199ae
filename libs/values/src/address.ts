import type { ValueAddress } from './value.store.js';

const HASH = /^[0-9a-f]{64}$/;

/** A name for a family that is a name in any file system and any bucket. */
export function nameOfFamily(family: string): string {
  const name = encodeURIComponent(family).replace(
    /[.*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (name === '' || name.length > 200) throw new RangeError('no run has an id that is empty or this long');
  return name;
}

/** Whether values of the family can lie anywhere: of one whose name no store takes there is none. */
export function hasPlace(family: string): boolean {
  try {
    nameOfFamily(family);
    return true;
  } catch {
    return false;
  }
}

export const familyNamed = (name: string): string => decodeURIComponent(name);

/** @throws it is no hash: nothing else may become part of a path */
export function hashOfAddress({ hash }: Pick<ValueAddress, 'hash'>): string {
  if (!HASH.test(hash)) throw new RangeError('a value is named by the hexadecimal sha256 of its bytes');
  return hash;
}

export const isHash = (name: string): boolean => HASH.test(name);
