/*
 * The only connection that writes. It runs as it is, from source or compiled: it imports nothing but Node's own modules and types,
 * and uses only syntax whose types can be stripped.
 *
 * W1 A commit is acknowledged only after SQLite has synced the write-ahead log (journal_mode=WAL, synchronous=FULL, read back at start).
 * W2 Nothing is done after a failure: what an fsync that failed has left behind is unknown until the next start.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import type { Batch, WriterData, WriterMessage } from './writer.protocol.js';

const PAGE_BYTES = 4096;
const ROW_FIELDS = 5;
/** The write-ahead log is grown once, at start, and then written over: an fsync that need not change the file's size costs half. */
const WAL_PAGES_GROWN = 1_024;
const WAL_PAGES_MAX = 768;
const BALLAST_PAGES = 64;
const APPLICATION_ID = 0x1_17e_10c;
const FORMAT_VERSION = 1;

const port = ownPort();
const { path, catalogueSql, bytesMax }: WriterData = workerData;
const statements = new Map<string, StatementSync>();
const inserts = new Map<number, StatementSync>();
let pagesSinceCheckpoint = 0;
let hasFailed = false;

const database = attempt(open);
port.on('message', (message: Batch | 'close') => {
  if (hasFailed || database === undefined) return;
  if (message === 'close') close();
  else attempt(() => commit(message));
});

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    hasFailed = true; // W2
    const message = error instanceof Error ? error.message : String(error);
    say({ type: 'failed', message, errcode: errcodeOf(error) });
    port.close();
    return undefined;
  }
}

function open(): DatabaseSync {
  const opened = new DatabaseSync(path);
  opened.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0`);
  // Only macOS has this: fsync alone leaves the bytes in the drive's cache there.
  opened.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
  checkFormat(opened);
  opened.exec(`BEGIN IMMEDIATE; ${catalogueSql}; COMMIT`);
  growWriteAheadLog(opened);
  opened.exec('PRAGMA synchronous = FULL');
  if (bytesMax > 0) opened.exec(`PRAGMA max_page_count = ${Math.ceil(bytesMax / PAGE_BYTES)}`);
  const journalMode = opened.prepare('PRAGMA journal_mode').get()?.journal_mode;
  const synchronous = opened.prepare('PRAGMA synchronous').get()?.synchronous;
  say({ type: 'opened', journalMode, synchronous });
  return opened;
}

function checkFormat(opened: DatabaseSync): void {
  const application = opened.prepare('PRAGMA application_id').get()?.application_id;
  const version = opened.prepare('PRAGMA user_version').get()?.user_version;
  if (application === 0 && version === 0) {
    opened.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}`);
  } else if (application !== APPLICATION_ID || version !== FORMAT_VERSION) {
    throw new Error(`it has format ${application}/${version}, this release reads ${FORMAT_VERSION}`);
  }
}

/** Runs before any record is taken. What an earlier process left in the write-ahead log is brought home first, synced. */
function growWriteAheadLog(opened: DatabaseSync): void {
  opened.exec('PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(RESTART)');
  opened.exec('PRAGMA synchronous = NORMAL');
  const fill = opened.prepare('INSERT OR REPLACE INTO ballast VALUES (1, ?)');
  for (let pages = 0; pages < WAL_PAGES_GROWN; pages += BALLAST_PAGES) {
    fill.run(new Uint8Array(BALLAST_PAGES * PAGE_BYTES).fill(pages / BALLAST_PAGES + 1));
  }
  opened.exec('PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(RESTART)');
}

/** Everything that was sent while the last commit ran goes into this one. */
function commit(first: Batch): void {
  prepared('BEGIN IMMEDIATE').run();
  let isLast = false;
  let batch = first;
  write(batch);
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    isLast = next.message === 'close';
    if (isLast) break;
    batch = next.message;
    write(batch);
  }
  prepared('COMMIT').run(); // W1
  say(batch.sequence);
  if (isLast) close();
  else if (pagesSinceCheckpoint > WAL_PAGES_MAX) checkpoint();
}

function write({ rows, data, statements: others, atMs }: Batch): void {
  for (let at = 0; at < rows.length; at += ROW_FIELDS) {
    const { id, base, span, begin, length } = rowAt(rows, at);
    const bytes = data.subarray(begin, begin + length);
    insertInto(id).run(base, span, atMs, crc32(bytes), bytes);
    pagesSinceCheckpoint += 2 + length / PAGE_BYTES;
  }
  for (const { sql, params } of others) prepared(sql).run(...params);
  pagesSinceCheckpoint += 2 * others.length;
}

function rowAt(rows: Batch['rows'], at: number) {
  const [id, base, span, begin, length] = rows.subarray(at, at + ROW_FIELDS);
  if (
    id === undefined ||
    base === undefined ||
    span === undefined ||
    begin === undefined ||
    length === undefined
  )
    throw new Error('the fields of a batch end within a row');
  return { id, base, span, begin, length };
}

/** Copies the pages home, so that the next commit starts at the front of the write-ahead log again. */
function checkpoint(): void {
  prepared('PRAGMA wal_checkpoint(PASSIVE)').all();
  pagesSinceCheckpoint = 0;
}

function insertInto(id: number): StatementSync {
  let insert = inserts.get(id);
  if (insert === undefined) {
    insert = openDatabase().prepare(`INSERT INTO log_${id} VALUES (?, ?, ?, ?, ?)`);
    inserts.set(id, insert);
  }
  return insert;
}

function prepared(sql: string): StatementSync {
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = openDatabase().prepare(sql);
    statements.set(sql, statement);
  }
  return statement;
}

function openDatabase(): DatabaseSync {
  if (database === undefined) throw new Error('the database is not open');
  return database;
}

function close(): void {
  database?.close();
  port.close();
}

function say(message: WriterMessage): void {
  port.postMessage(message);
}

function ownPort(): MessagePort {
  if (parentPort === null) throw new Error('the writer runs in a thread of its own');
  return parentPort;
}

function errcodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}
