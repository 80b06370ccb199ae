import type { Catalogue, Message } from '@interlock/contracts';
import type { LogRecord } from '@interlock/log';

/**
 * What this process has decoded and not let go of, by the bytes. The broker hands all readers of a process the same bytes when it is
 * part of that process, so what one of them has decoded is there for the others. It belongs to all of them: nobody changes it.
 */
const decodedHere = new WeakMap<Uint8Array, { readonly wire: string; readonly message: Message }>();

/**
 * The message in an accepted record, upcast to its newest version and not validated again. Frozen, for it is shared.
 * @throws {UnknownMessageError} a newer release wrote it
 * @throws {BrokenMessageError} its data are not JSON
 */
export function decoded(
  catalogue: Pick<Catalogue, 'trusted'>,
  wire: string,
  { value }: Pick<LogRecord, 'value'>,
): Message {
  if (value === null) return catalogue.trusted(wire, value);
  const known = decodedHere.get(value);
  if (known?.wire === wire) return known.message;
  const message = catalogue.trusted(wire, value);
  Object.freeze(message.data);
  decodedHere.set(value, { wire, message: Object.freeze(message) });
  return message;
}
