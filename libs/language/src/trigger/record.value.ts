import { readValue } from '@interlock/contracts';

/** A record that no expression can be asked about. */
export class TopicEventError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TopicEventError';
  }
}

/** @throws {TopicEventError} */
export function jsonIn(value: Uint8Array): unknown {
  const read = readValue(Buffer.from(value).toString('utf8'));
  if (read.ok) return read.value;
  throw new TopicEventError('its value is no JSON that can be used');
}
