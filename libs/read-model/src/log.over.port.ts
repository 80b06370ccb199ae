import type { Offset, StoredRecord } from '@interlock/broker';
import { Outbox } from './outbox.js';
import { unpackRecords } from './record.packing.js';
import type { RecordLog } from './run.histories.js';
import type { FromThread, ToThread } from './thread.protocol.js';
import type { Port } from './thread.server.js';

interface Asked {
  readonly resolve: (records: readonly StoredRecord[]) => void;
  readonly reject: (error: Error) => void;
}

/** The log as the thread of the read model sees it: the main thread, which has the broker, reads for it. */
export class LogOverPort implements RecordLog {
  readonly #asked = new Map<number, Asked>();
  readonly #outbox: Outbox<FromThread>;
  #lastId = 0;

  constructor(port: Port) {
    this.#outbox = new Outbox(port);
  }

  readAt(topic: string, partition: number, offsets: readonly Offset[]): Promise<readonly StoredRecord[]> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#outbox.send({ id, read: { topic, partition, offsets } });
    });
  }

  /** Takes what the main thread has read, or why it could not. */
  hear(message: Extract<ToThread, { do: 'records' | 'unread' }>): void {
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (message.do === 'records') asked?.resolve(unpackRecords(message.packed));
    else asked?.reject(Object.assign(new Error(message.reason), { code: message.code }));
  }
}
