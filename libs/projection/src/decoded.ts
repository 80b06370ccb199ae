import { type LogRecord, type Opened, type Part, partsOf } from '@interlock/log';

/**
 * What this process has parsed and not let go of, by the bytes. The broker hands all readers of a process the same bytes when it is
 * part of that process, so what one of them has parsed is there for the others. It belongs to all of them: nobody changes it.
 */
const parsedHere = new WeakMap<
  Uint8Array,
  { readonly wires: Opened['wires']; readonly parts: readonly Part[] }
>();

/**
 * The parts of an accepted record. Frozen, for they are shared.
 * @throws {BrokenMessageError} its value is not what its types say
 */
export function sharedParts(
  opened: Pick<Opened, 'wires' | 'meta'>,
  { value }: Pick<LogRecord, 'value'>,
): readonly Part[] {
  const known = value === null ? undefined : parsedHere.get(value);
  if (known?.wires === opened.wires) return known.parts;
  const parts = partsOf(opened, value);
  for (const { data } of parts) Object.freeze(data);
  if (value !== null) parsedHere.set(value, { wires: opened.wires, parts });
  return parts;
}
