import { auditStreamOf } from '@interlock/app-audit';
import type { Broker, NewRecord, StoredRecord } from '@interlock/broker';
import { openEmbeddedBroker } from '@interlock/broker/embedded';
import { artifactEvents, auditEvents, catalogueOf, topics } from '@interlock/contracts';
import { type Accepted, FencedReader, isClaim, type Meta, partsOf } from '@interlock/log';
import { ToolManifests } from '@interlock/projection';
import { ArtifactView } from '@interlock/service';

/** A message every reader accepts, with where it stands. */
export interface StoredMessage {
  readonly type: string;
  readonly partition: number;
  /** The record that it is a part of. */
  readonly accepted: Accepted;
  readonly meta: Meta;
  // biome-ignore lint/suspicious/noExplicitAny: data of many types, looked at by tests
  readonly data: any;
}

/** Everything the data directory of a stopped system holds, by topic and partition, as stored. */
export type StoredLog = ReadonlyMap<string, readonly (readonly StoredRecord[])[]>;

/** Opens the log of a stopped system for `work`, as the only process that has it. */
export async function withStoredLog<Result>(
  dataDir: string,
  work: (broker: Broker) => Promise<Result>,
): Promise<Result> {
  const broker = await openEmbeddedBroker({ directory: dataDir });
  try {
    return await work(broker);
  } finally {
    await broker.close();
  }
}

export const readStoredLog = (dataDir: string): Promise<StoredLog> => withStoredLog(dataDir, readEverything);

export async function readEverything(broker: Broker): Promise<StoredLog> {
  const log = new Map<string, StoredRecord[][]>();
  for (const { name } of topics) {
    const partitions: StoredRecord[][] = [];
    for (let partition = 0; partition < (await broker.partitions(name)); partition++) {
      const records: StoredRecord[] = [];
      const { start } = await broker.bounds(name, partition);
      for await (const batch of broker.read(name, partition, start)) records.push(...batch);
      partitions.push(records);
    }
    log.set(name, partitions);
  }
  return log;
}

/** The audit stream as a reader has it, derived where only heads are stored; all partitions, one behind the other. */
export const readAuditStream = (dataDir: string): Promise<readonly NewRecord[]> =>
  withStoredLog(dataDir, auditStreamIn);

export async function auditStreamIn(
  broker: Pick<Broker, 'isOpenToOthers' | 'partitions' | 'bounds' | 'read'>,
): Promise<readonly NewRecord[]> {
  const manifests = new ToolManifests(await publishedIn(broker), broker);
  const stream: NewRecord[] = [];
  for (let partition = 0; partition < (await broker.partitions(auditEvents.name)); partition++)
    for await (const record of auditStreamOf(broker, partition, manifests)) stream.push(record);
  return stream;
}

async function publishedIn(broker: Pick<Broker, 'bounds' | 'read'>): Promise<ArtifactView> {
  const { start, end } = await broker.bounds(artifactEvents.name, 0);
  const view = new ArtifactView(end);
  const reader = new FencedReader(artifactEvents.name, 0);
  for await (const records of broker.read(artifactEvents.name, 0, start)) {
    const accepted = records.flatMap((record) => reader.take(record) ?? []);
    view.take({ accepted, position: reader.position });
  }
  return view;
}

/** The accepted messages of a fenced topic, claims included, partition by partition. */
export function acceptedOf(log: StoredLog, topic: string): StoredMessage[] {
  return (log.get(topic) ?? []).flatMap((records, partition) => {
    const reader = new FencedReader(topic, partition);
    return records.flatMap((record) => {
      const accepted = reader.take(record);
      return accepted === undefined ? [] : messagesOf(topic, partition, accepted);
    });
  });
}

function messagesOf(topic: string, partition: number, accepted: Accepted): StoredMessage[] {
  const catalogue = catalogueOf({ name: topic });
  return partsOf(accepted, accepted.record.value).map(({ wire, meta, data }) => ({
    type: wire.slice(0, wire.lastIndexOf('/')),
    partition,
    accepted,
    meta,
    data: catalogue.knows(wire) ? catalogue.trustedData(wire, data).data : data,
  }));
}

/** The process that wrote a message: the host its claim names. */
export function authorOf(message: StoredMessage, claims: readonly StoredMessage[]): string {
  const { partition, accepted } = message;
  const claim = claims.find(
    (one) => one.partition === partition && one.accepted.offset === accepted.meta.epoch,
  );
  return claim === undefined ? 'unknown' : String(claim.data.host);
}

export const claimsOf = (messages: readonly StoredMessage[]): StoredMessage[] =>
  messages.filter(({ accepted }) => isClaim(accepted));
