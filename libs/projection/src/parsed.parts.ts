import { type LogRecord, metaOfPart, type Opened, type Part, partsOf } from '@interlock/log';

/**
 * Parts that this process has parsed and still holds, by their bytes. A broker that is part of the process gives all its readers the same
 * bytes, so what one has parsed is there for the others. It is shared, so nobody may change it.
 */
const parsedHere = new WeakMap<Uint8Array, readonly unknown[]>();

/**
 * The parts of an accepted record. Their data are frozen, because they are shared.
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
