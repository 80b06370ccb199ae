import { type LogRecord, metaOfPart, type Opened, type Part, partsOf } from '@interlock/log';

/**
 * What this process has parsed and not let go of, by the bytes. The broker hands all readers of a process the same bytes when it is
 * part of that process, so what one of them has parsed is there for the others. It belongs to all of them: nobody changes it.
 */
const parsedHere = new WeakMap<Uint8Array, readonly unknown[]>();

/**
 * The parts of an accepted record. Their data are frozen, for they are shared.
 * @throws {BrokenMessageError} its value is not what its types say
 */
export function sharedParts(
  opened: Pick<Opened, 'wires' | 'meta'>,
  { value }: Pick<LogRecord, 'value'>,
): Part[] {
  const { wires, meta } = opened;
  const known = value === null ? undefined : parsedHere.get(value);
  if (known?.length === wires.length)
    return wires.map((wire, part) => ({ wire, meta: metaOfPart(meta, part), part, data: known[part] }));
  const parts = partsOf(opened, value);
  const data = parts.map((part) => Object.freeze(part.data));
  if (value !== null) parsedHere.set(value, data);
  return parts;
}
