import type { Broker, Producer } from '@interlock/broker';
import { CorruptLogError, claim, DivergedError, type FencedWriter, open } from '@interlock/log';
import { type OwnLog, writtenVersions } from './own-log.js';
import type { Runtime } from './runtime.js';
import { refuseTruncated } from './truncation.js';

/** First readable and next offset of each input. */
export interface InputBounds {
  readonly starts: ReadonlyMap<string, number>;
  readonly ends: ReadonlyMap<string, number>;
}

/** What acquiring a partition gives. */
export interface Acquired extends InputBounds {
  readonly writer: FencedWriter;
}

export interface AcquirePorts<State> {
  readonly broker: Broker;
  readonly runtime: Runtime;
  readonly warm?: (own: OwnLog<State>) => Promise<void>;
}

/**
 * Brings the fold of the own log up to date, claims the partition and notes where its inputs end.
 * @throws {DivergedError} the log does not hold what was accepted from it: end the process
 * @throws {CorruptLogError} the log, or an input, cannot be read on: stop the partition
 * @throws {TruncatedLogError} the log no longer holds what was read of it: stop the partition
 * @throws {UnreadableVersionError} a newer release holds it
 */
export async function acquire<State>(
  own: OwnLog<State>,
  ports: AcquirePorts<State>,
  producer: Producer,
): Promise<Acquired> {
  await refuseTruncated(own.spec, own.partition, ports.broker);
  await foldFromStart(own, ports);
  const writer = await claimPartition(own, ports, producer);
  return { writer, ...(await inputBounds(own, ports.broker)) };
}

/** @throws {CorruptLogError} an input no longer holds the position from which this partition is to continue */
export async function inputBounds<State>(
  { spec, partition, cursor }: OwnLog<State>,
  broker: Broker,
): Promise<InputBounds> {
  const bounds = await Promise.all(
    spec.inputs.map(async ({ topic }) => [topic, await broker.bounds(topic, partition)] as const),
  );
  for (const [topic, { start, end }] of bounds) {
    const offset = cursor[topic]?.offset ?? start;
    if (offset >= start && offset <= end) continue;
    throw new CorruptLogError(
      topic,
      partition,
      offset,
      `the next input lies here, but the topic holds ${start} to ${end}`,
    );
  }
  return {
    starts: new Map(bounds.map(([topic, { start }]) => [topic, start])),
    ends: new Map(bounds.map(([topic, { end }]) => [topic, end])),
  };
}

/** A log that was trimmed past our position is folded again from its start; the tail that we folded must still be there. */
async function foldFromStart<State>(
  own: OwnLog<State>,
  { broker, warm }: AcquirePorts<State>,
): Promise<void> {
  const { topic } = own.spec;
  const { start, end } = await broker.bounds(topic, own.partition);
  if (own.position.offset === 0 && warm !== undefined) await warm(own);
  if (own.position.offset < start) own.reset(start);
  if (own.position.offset > end) {
    throw new DivergedError(
      `${topic}/${own.partition} ends at ${end}, but ${own.position.offset} was accepted`,
    );
  }
  await compareTail(own, broker, start);
}

async function compareTail<State>(
  { spec, partition, lastHash, position }: OwnLog<State>,
  broker: Broker,
  start: number,
): Promise<void> {
  const last = position.offset - 1;
  if (lastHash === undefined || last < start) return;
  for await (const [record] of broker.read(spec.topic, partition, last)) {
    const found = record && open(record);
    if (found !== undefined && Buffer.from(found.hash).equals(lastHash)) return;
    throw new DivergedError(`${spec.topic}/${partition} holds another record at ${last} than was accepted`);
  }
}

function claimPartition<State>(
  own: OwnLog<State>,
  { broker, runtime }: AcquirePorts<State>,
  producer: Producer,
): Promise<FencedWriter> {
  const { topic, host } = own.spec;
  return claim(
    {
      append: (to, partition, records) => producer.append(to, partition, records),
      read: (from) => broker.read(topic, own.partition, from),
    },
    {
      topic,
      partition: own.partition,
      from: own.position,
      claimId: `${host}-${Math.floor(runtime.random.next() * 2 ** 48).toString(36)}`,
      host,
      versions: writtenVersions(own.spec),
      now: runtime.clock.now(),
      accepted: (record) => own.fold(record),
    },
  );
}
