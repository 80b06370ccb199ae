import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Broker } from '../broker.js';
import { Catalogue } from './catalogue.js';
import { lockDirectory } from './directory.lock.js';
import { EmbeddedBroker } from './embedded.broker.js';
import { asCorruption, BrokerFailedError } from './errors.js';
import { Reader } from './reader.js';
import { CATALOGUE_SQL } from './schema.js';
import { Upkeep } from './upkeep.js';
import { Writer } from './writer.js';

export interface EmbeddedOptions {
  /** Created when missing. One process at a time may have it. */
  readonly directory: string;
  /** Most bytes the log may take; an append beyond fails the broker, like a full disk. No bound of its own when absent. */
  readonly bytesMax?: number;
  /** How long a group waits for a member to let go of a partition. */
  readonly revokeTimeoutMs?: number;
  /** How often retention, trimming and compaction look at every partition. */
  readonly upkeepEveryMs?: number;
  /** A compacted partition is compacted when so many records have come since the last time. */
  readonly compactAfterRecords?: number;
  /** Wall clock in milliseconds, for time retention. */
  readonly now?: () => number;
}

/**
 * Opens the log of one process. What it acknowledges survives kill -9, and a power failure on a disk that honours fsync.
 * After a failed write it fails for good: members are told, appends are refused, and the process should end.
 *
 * @throws {DirectoryInUseError} another process has the directory
 * @throws {DataCorruptError} what is there is not what was written
 * @throws {NotDurableError} SQLite would not run with a synced write-ahead log
 */
export async function openEmbeddedBroker(options: EmbeddedOptions): Promise<Broker> {
  const directory = resolve(options.directory);
  createDirectory(directory);
  const lock = lockDirectory(directory);
  try {
    return await openLocked(directory, lock, options);
  } catch (error) {
    lock.release();
    throw asCorruption(join(directory, 'log.db'), error);
  }
}

async function openLocked(directory: string, lock: { release(): void }, options: EmbeddedOptions) {
  const path = join(directory, 'log.db');
  const now = options.now ?? Date.now;
  let broker: EmbeddedBroker | undefined;
  const onFailure = (cause: Error): Error => {
    const failure = new BrokerFailedError(directory, cause);
    broker?.fail(failure);
    return failure;
  };
  const data = { path, catalogueSql: CATALOGUE_SQL, bytesMax: options.bytesMax ?? 0 };
  const writer = await Writer.start(data, now, onFailure);
  try {
    syncDirectory(directory);
    const reader = new Reader(path);
    const catalogue = new Catalogue(reader);
    const { upkeepEveryMs: everyMs = 60_000, compactAfterRecords = 10_000 } = options;
    const upkeepOptions = { everyMs, compactAfterRecords };
    const upkeep = new Upkeep(catalogue, reader, writer, now, upkeepOptions, (error) => writer.fail(error));
    const { revokeTimeoutMs = 10_000 } = options;
    broker = new EmbeddedBroker({ catalogue, reader, writer, upkeep, lock, revokeTimeoutMs });
    return broker;
  } catch (error) {
    await writer.worker.terminate();
    throw error;
  }
}

/** The names of new files must be as durable as their bytes. */
function createDirectory(directory: string): void {
  const created = mkdirSync(directory, { recursive: true });
  if (created === undefined) return;
  for (let at = directory; at.length >= dirname(created).length; at = dirname(at)) {
    syncDirectory(at);
    if (at === dirname(at)) break;
  }
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
