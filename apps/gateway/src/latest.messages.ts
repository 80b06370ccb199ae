import type { Broker } from '@interlock/broker';
import {
  BrokenMessageError,
  type Catalogue,
  type MessageDefinition,
  type MessageOf,
} from '@interlock/contracts';
import { type LogRecord, open } from '@interlock/log';

interface Place {
  readonly topic: string;
  readonly partition: number;
}

interface Placed<Message> {
  readonly offset: number;
  readonly message: Message;
}

/** What the last `most` records of a plain topic's partition say, oldest first, read when somebody asks. */
export async function* latestMessages<Definition extends MessageDefinition>(
  broker: Pick<Broker, 'bounds' | 'read'>,
  { topic, partition }: Place,
  catalogue: Catalogue<Definition>,
  most: number,
): AsyncGenerator<Placed<MessageOf<Definition>>> {
  const { start, end } = await broker.bounds(topic, partition);
  for await (const records of broker.read(topic, partition, Math.max(start, end - most)))
    for (const record of records) {
      const message = messageIn(record, catalogue);
      if (message !== undefined) yield { offset: record.offset, message };
    }
}

/** Undefined: another message, or one that is broken; nothing can be shown of either. */
export function messageIn<Definition extends MessageDefinition>(
  record: LogRecord,
  catalogue: Catalogue<Definition>,
): MessageOf<Definition> | undefined {
  const wire = open(record)?.wires[0];
  if (wire === undefined || !catalogue.knows(wire)) return undefined;
  try {
    return catalogue.parse(wire, record.value);
  } catch (error) {
    if (error instanceof BrokenMessageError) return undefined;
    throw error;
  }
}
