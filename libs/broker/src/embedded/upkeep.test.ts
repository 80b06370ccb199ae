import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RecordingFollower } from '../contract/recorder.js';
import { freshTopic, range, readAll, record, textOf } from '../contract/under-test.js';
import { OffsetOutOfRangeError } from '../errors.js';
import type { EmbeddedBroker } from './embedded.broker.js';
import { type EmbeddedOptions, openEmbeddedBroker } from './open.js';

let directory: string;
let broker: EmbeddedBroker;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kept-log-'));
  broker = await opened();
});
afterEach(async () => {
  await broker.close();
  rmSync(directory, { recursive: true });
});

test('a compacted topic keeps the newest record of each key at its offset, over a restart too', async () => {
  const topic = await freshTopic(broker, 1, 'compacted');
  const producer = broker.producer();
  for (const at of range(0, 12))
    await producer.append(topic, 0, [record(`a${at}`, 'a'), record(`b${at}`, 'b')]);
  await producer.append(topic, 0, [record('c', 'c'), record('last', 'd')]);

  await broker.parts.upkeep.wake();

  const kept = await readAll(broker, topic);
  expect(kept.map((one) => [one.offset, textOf(one)])).toEqual([
    [22, 'a11'],
    [23, 'b11'],
    [24, 'c'],
    [25, 'last'],
  ]);
  expect((await readAll(broker, topic, 0, 10)).map(({ offset }) => offset)).toEqual([22, 23, 24, 25]);
  await broker.close();
  broker = await opened();
  expect(await readAll(broker, topic)).toHaveLength(4);
  expect(await broker.bounds(topic, 0)).toEqual({ start: 0, end: 26 });
});

test('a removed key is gone after the second compaction', async () => {
  const topic = await freshTopic(broker, 1, 'compacted');
  const producer = broker.producer();
  await producer.append(topic, 0, [record('old', 'gone')]);
  await producer.append(topic, 0, [{ key: 'gone', headers: {}, value: null }]);
  const more = async () => {
    for (const at of range(0, 12)) await producer.append(topic, 0, [record(`${at}`, 'other')]);
    await broker.parts.upkeep.wake();
    return (await readAll(broker, topic)).map((one) => `${one.key}=${textOf(one)}`);
  };

  expect(await more()).toEqual(['gone=(none)', 'other=11']);
  expect(await more()).toEqual(['other=11']);
});

test('a follower that reads while its topic is compacted gets the newest of every key', async () => {
  const topic = await freshTopic(broker, 1, 'compacted');
  const producer = broker.producer();
  const value = 'x'.repeat(50_000);
  for (const at of range(0, 60)) await producer.append(topic, 0, [record(value, `${at % 7}`)]);
  const follower = new RecordingFollower();
  const following = await broker.follow(topic, 0, 0, follower);

  await broker.parts.upkeep.wake();
  await producer.append(topic, 0, [record('end', 'end')]);
  await follower.until(() => follower.seen.at(-1)?.key === 'end');

  const newest = new Map(follower.seen.map(({ key, offset }) => [key, offset]));
  for (const at of range(53, 60)) expect(newest.get(`${at % 7}`)).toBe(at);
  expect(follower.seen.map(({ offset }) => offset)).toEqual(
    [...follower.seen.map(({ offset }) => offset)].sort((a, b) => a - b),
  );
  await following.stop();
});

test('a topic kept for a time loses what is older, and the offsets go on', async () => {
  let nowMs = 1_000;
  await broker.close();
  broker = await opened({ now: () => nowMs });
  const topic = await freshTopic(broker, 1, 500);
  const producer = broker.producer();
  for (const at of range(0, 300)) await producer.append(topic, 0, [record(`old ${at}`)]);
  nowMs = 1_600;
  await producer.append(topic, 0, [record('new')]);

  await broker.parts.upkeep.wake();

  expect(await broker.bounds(topic, 0)).toEqual({ start: 300, end: 301 });
  expect((await readAll(broker, topic, 0, 300)).map(textOf)).toEqual(['new']);
  nowMs = 9_000;
  await broker.parts.upkeep.wake();
  expect(await broker.bounds(topic, 0)).toEqual({ start: 301, end: 301 });
  expect(await producer.append(topic, 0, [record('newer')])).toBe(301);
});

test('what a cut leaves behind is freed', async () => {
  const topic = await freshTopic(broker);
  const producer = broker.producer();
  for (const at of range(0, 300)) await producer.append(topic, 0, [record(`${at}`), record('second')]);

  await broker.trim(topic, 0, 599);
  await broker.parts.upkeep.wake();

  const { catalogue, reader } = broker.parts;
  expect(reader.firstRows(catalogue.log(topic, 0).id, 10).map(({ base }) => base)).toEqual([598]);
  expect((await readAll(broker, topic, 0, 599)).map(({ offset }) => offset)).toEqual([599]);
});

test('a follower whose place was cut away is told so', async () => {
  const topic = await freshTopic(broker);
  await broker.producer().append(topic, 0, [record('a'), record('b')]);
  await broker.trim(topic, 0, 1);
  const follower = new RecordingFollower();

  await broker.follow(topic, 0, 0, follower);

  await expect(follower.until(() => false)).rejects.toBeInstanceOf(OffsetOutOfRangeError);
});

async function opened(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedBroker> {
  const never = 2 ** 30;
  const given = { directory, upkeepEveryMs: never, compactAfterRecords: 10, ...options };
  return (await openEmbeddedBroker(given)) as EmbeddedBroker;
}
