import { errorText } from '@interlock/contracts';
import { BrokerError } from '../errors.js';

/** Another process works in the data directory. Two at once would break the log, so the second one does not start. */
export class DirectoryInUseError extends BrokerError {
  readonly code = 'broker.directory_in_use';

  constructor(
    readonly directory: string,
    readonly pid: number | undefined,
  ) {
    const holder = pid === undefined ? 'another process' : `process ${pid}`;
    super(`${directory} is in use by ${holder}: stop that first, or name another data directory`);
  }
}

/** Bytes on the disk are not what was written. Nothing is repaired: the operator restores the directory from a copy. */
export class DataCorruptError extends BrokerError {
  readonly code = 'broker.data_corrupt';

  constructor(
    readonly path: string,
    what: string,
    cause?: unknown,
  ) {
    super(`${path} is damaged: ${what}. Restore it from a copy`, { cause });
  }
}

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** The same error, unless SQLite says with it that the file at `path` is damaged. */
export function asCorruption(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'errcode' in error)) return error;
  const primary = Number(error.errcode) & 0xff;
  if (primary !== SQLITE_CORRUPT && primary !== SQLITE_NOTADB) return error;
  return new DataCorruptError(path, error.message, error);
}

/** The database would lose acknowledged records at a power failure. */
export class NotDurableError extends BrokerError {
  readonly code = 'broker.not_durable';

  constructor(path: string, journalMode: unknown, synchronous: unknown) {
    super(
      `${path} runs with journal_mode ${journalMode} and synchronous ${synchronous} instead of wal and 2 (full)`,
    );
  }
}

/**
 * A write or an fsync failed, for example because the disk is full. What is on the disk is known again only after a restart, so nothing
 * is tried again: the process must end.
 */
export class BrokerFailedError extends BrokerError {
  readonly code = 'broker.failed';

  constructor(directory: string, cause: unknown) {
    super(`the log in ${directory} cannot be written any more: ${messageOf(cause)}`, { cause });
  }
}

/** The broker or the producer was closed by its owner. Nothing was written. */
export class BrokerClosedError extends BrokerError {
  readonly code = 'broker.closed';

  constructor() {
    super('the broker or its producer is closed');
  }
}

function messageOf(cause: unknown): string {
  return errorText(cause);
}
