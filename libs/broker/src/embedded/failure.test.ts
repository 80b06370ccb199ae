import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Broker } from '../broker.js';
import { RecordingFollower, RecordingMember } from '../contract/recorder.js';
import { freshGroup, freshTopic, range, readAll, record, textOf } from '../contract/under-test.js';
import { OutcomeUnknownError } from '../errors.js';
import type { EmbeddedBroker } from './embedded.broker.js';
import { BrokerFailedError, DataCorruptError, DirectoryInUseError } from './errors.js';
import { openEmbeddedBroker } from './open.js';
import { CATALOGUE_SQL } from './schema.js';
import { Writer } from './writer.js';

let directory: string;
let file: string;
let open: Broker[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'failing-log-'));
  file = join(directory, 'log.db');
  open = [];
});
afterEach(async () => {
  for (const broker of open) await broker.close();
  rmSync(directory, { recursive: true });
});

test('a full disk fails the broker for good, and what was acknowledged stays', async () => {
  const broker = await opened({ bytesMax: 1_000_000 });
  const topic = await freshTopic(broker);
  const follower = new RecordingFollower();
  const member = new RecordingMember();
  await broker.follow(topic, 0, 0, follower);
  await member.join(broker, freshGroup(), [topic]);
  const producer = broker.producer();
  const value = Buffer.alloc(50_000);
  let acknowledged = 0;
  const appendUntilFull = async (): Promise<never> => {
    for (;;) {
      await producer.append(topic, 0, [{ key: 'k', headers: {}, value }]);
      acknowledged += 1;
    }
  };

  await expect(appendUntilFull()).rejects.toBeInstanceOf(OutcomeUnknownError);

  expect(acknowledged).toBeGreaterThan(5);
  expect(follower.failures[0]).toBeInstanceOf(BrokerFailedError);
  expect(member.failures[0]).toBeInstanceOf(BrokerFailedError);
  await expect(producer.append(topic, 0, [record('small')])).rejects.toBeInstanceOf(BrokerFailedError);
  await broker.close();
  const again = await opened();
  expect(await readAll(again, topic)).toHaveLength(acknowledged);
});

test('a second broker in the same process is refused', async () => {
  await opened();

  const refused = await opened().catch((error) => error);

  expect(refused).toBeInstanceOf(DirectoryInUseError);
  expect(refused.message).toContain(`process ${process.pid}`);
});

test('a file that is not a database is named, and left as it is', async () => {
  writeFileSync(file, 'this is not a database, but it is somebody’s file'.repeat(200));

  const refused = await opened().catch((error) => error);

  expect(refused).toBeInstanceOf(DataCorruptError);
  expect(refused.message).toContain(file);
  expect(readFileSync(file, 'utf8')).toContain('somebody');
});

test('a database of another program is refused', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const foreign = new DatabaseSync(file);
  foreign.exec('PRAGMA application_id = 77; CREATE TABLE theirs (x)');
  foreign.close();

  await expect(opened()).rejects.toThrow(/format 77/);
});

test('a changed byte is found when it is read, and at start when it is the last', async () => {
  const topic = await filled(['first untouched', 'second to be changed', 'third untouched']);
  change('second to be changed', 'second to be CHANGED');

  const broker = await opened();
  await expect(readAll(broker, topic)).rejects.toThrow(/log\.db is damaged: in .* checksum of offset 1/);
  const follower = new RecordingFollower();
  await broker.follow(topic, 0, 0, follower);
  await expect(follower.until(() => false)).rejects.toBeInstanceOf(DataCorruptError);
  await broker.close();

  change('third untouched', 'third UNtouched');
  await expect(opened()).rejects.toThrow(/checksum of offset 2/);
});

test('a file that was cut short is found at start', async () => {
  await filled(range(0, 200).map((at) => `${at}`.repeat(1_000)));
  truncateSync(file, Math.floor(readFileSync(file).length / 8192) * 4096);

  await expect(opened()).rejects.toBeInstanceOf(DataCorruptError);
});

test('a connection that would not sync every commit is refused', async () => {
  const inMemory = { path: ':memory:', catalogueSql: CATALOGUE_SQL, bytesMax: 0 };

  const refused = Writer.start(inMemory, Date.now, (cause) => cause);

  await expect(refused).rejects.toThrow(/journal_mode memory/);
});

test('the connection that writes says of itself that it syncs every commit', async () => {
  const broker = (await opened()) as EmbeddedBroker;

  expect(broker.parts.writer.opened).toEqual({ type: 'opened', journalMode: 'wal', synchronous: 2 });
});

async function opened(options: { bytesMax?: number } = {}): Promise<Broker> {
  const broker = await openEmbeddedBroker({ directory, ...options });
  open.push(broker);
  return broker;
}

async function filled(values: readonly string[]): Promise<string> {
  const broker = await opened();
  const topic = await freshTopic(broker);
  for (const value of values) await broker.producer().append(topic, 0, [record(value)]);
  expect((await readAll(broker, topic)).map(textOf)).toEqual(values);
  await broker.close();
  return topic;
}

function change(from: string, to: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(from);
  expect(at).toBeGreaterThan(0);
  bytes.write(to, at);
  writeFileSync(file, bytes);
}
