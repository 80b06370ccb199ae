import { described, readValue } from '@interlock/contracts';

/** A record that no expression can be asked about. */
export class TopicEventError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TopicEventError';
  }
}

/** @throws {TopicEventError} */
export function jsonIn(value: Uint8Array): unknown {
  const read = readValue(decoded(value));
  if (read.ok) return read.value;
  throw new TopicEventError(`its value is no JSON that can be used: ${described(read.problem)}`);
}

/** @throws {TopicEventError} Characters in the place of others would make one event of two. */
export function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new TopicEventError('it holds text that is no UTF-8');
  }
}
