import type { Producer, StoredRecord } from '@interlock/broker';
import { type Clock, QuarantineMessage, quarantineOf, type ServiceName } from '@interlock/contracts';
import { placeKey, plainRecord } from '@interlock/log';
import type { Quarantined } from './batch.js';

/** Base64 of this much, with headers, fits one append. */
const VALUE_BYTES_MAX = 512 * 1024;
/** Garbage may have any headers, and any key. All headers together: what proves a signed request is longer than everything else of it. */
const HEADERS_BYTES_MAX = 132 * 1024;
const HEADERS_MAX = 5;
const NAME_LENGTH_MAX = 200;
const KEY_LENGTH_MAX = 4_000;

/** Writes messages that could not be handled to the service's quarantine topic, as they were found. */
export class Quarantine {
  constructor(
    readonly service: ServiceName,
    readonly producer: Producer,
    readonly clock: Clock,
  ) {}

  /**
   * @param partition where they were found
   * @param to of the quarantine topic, where the topics have other counts
   * @throws the producer's first error, after every message was tried; the messages that failed are named only in the process's own log
   */
  async send(partition: number, quarantined: readonly Quarantined[], to = partition): Promise<void> {
    const { name } = quarantineOf(this.service);
    const failures: unknown[] = [];
    for (const one of quarantined)
      await this.producer
        .append(name, to, [this.#record(partition, one)])
        .catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  #record(partition: number, { topic, record, part, code, message }: Quarantined) {
    const at = this.clock.now();
    const bytes = record.value?.length ?? 0;
    const headers = keptHeaders(record.headers);
    const { data } = QuarantineMessage({
      service: this.service,
      topic,
      partition,
      offset: record.offset,
      ...(part > 0 && { part }),
      key: record.key.slice(0, KEY_LENGTH_MAX),
      headers: headers.kept,
      value: record.value === null ? null : base64(record.value.subarray(0, VALUE_BYTES_MAX)),
      ...((bytes > VALUE_BYTES_MAX || headers.areCut || record.key.length > KEY_LENGTH_MAX) && { bytes }),
      code,
      message: message.slice(0, 4_000),
      at,
    });
    const id = `${topic}/${partition}/${placeKey({ offset: record.offset, part })}`;
    return plainRecord(data.key, QuarantineMessage.wire, { id, time: at }, data);
  }
}

/** As many as fit, with the beginning of the one that does not. */
function keptHeaders(headers: StoredRecord['headers']): { kept: Record<string, string>; areCut: boolean } {
  let room = HEADERS_BYTES_MAX;
  let areCut = false;
  const kept: [string, string][] = [];
  for (const [name, bytes] of Object.entries(headers)) {
    const part = bytes.subarray(0, room);
    const isWhole =
      kept.length < HEADERS_MAX && part.length === bytes.length && name.length <= NAME_LENGTH_MAX;
    if (kept.length < HEADERS_MAX) kept.push([name.slice(0, NAME_LENGTH_MAX), base64(part)]);
    room -= part.length;
    if (!isWhole) areCut = true;
  }
  return { kept: Object.fromEntries(kept), areCut };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
