// What the machine itself can do: every figure of the benchmark is also given as a multiple of these.
import { closeSync, fdatasyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openLog } from './open-log.mjs';
import { quantile } from './quantiles.mjs';

const TIMES = 400;
const RECORD_BYTES = 600;
const topic = {
  name: 'bench.floor',
  kind: 'plain',
  scope: 'global',
  keep: 3_600_000,
  writer: 'gateway',
  stampedBy: 'writer',
};

process.on('message', (task) => {
  floors(task).then(
    (result) => process.send({ type: 'done', result }, () => process.exit(0)),
    (error) => process.send({ type: 'failed', error: String(error?.stack ?? error) }, () => process.exit(1)),
  );
});

/** Milliseconds, medians. */
async function floors({ dir, log }) {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const fsyncMs = fsyncFloor(join(dir, 'fsync'));
  const broker = await openLog(log);
  await broker.createTopics([topic], 1);
  const result = { fsyncMs, ...(await appendFloor(broker)) };
  await broker.close();
  return result;
}

/** Writes 4 KB over again in a file of fixed size and syncs it. */
function fsyncFloor(file) {
  const handle = openSync(file, 'w');
  const page = Buffer.alloc(4_096, 1);
  for (let at = 0; at < 64; at++) writeSync(handle, page, 0, page.length, at * page.length);
  fdatasyncSync(handle);
  const took = [];
  for (let n = 0; n < TIMES; n++) {
    const startedAt = performance.now();
    writeSync(handle, page, 0, page.length, (n % 64) * page.length);
    fdatasyncSync(handle);
    took.push(performance.now() - startedAt);
  }
  closeSync(handle);
  return quantile(took, 0.5);
}

/** One record at a time: until its append is answered, and until a reader has it. */
async function appendFloor(broker) {
  let consumed = () => {};
  const { end } = await broker.bounds(topic.name, 0);
  const follower = {
    records: () => consumed(performance.now()),
    failed: (error) => {
      throw error;
    },
  };
  const following = await broker.follow(topic.name, 0, end, follower);
  const producer = broker.producer();
  const record = { key: 'k', headers: { t: Buffer.from('bench/1') }, value: Buffer.alloc(RECORD_BYTES, 97) };
  const appends = [];
  const toConsume = [];
  for (let n = 0; n < TIMES; n++) {
    const startedAt = performance.now();
    const read = new Promise((resolve) => {
      consumed = resolve;
    });
    await producer.append(topic.name, 0, [record]);
    appends.push(performance.now() - startedAt);
    toConsume.push((await read) - startedAt);
  }
  await following.stop();
  await producer.close();
  return { appendMs: quantile(appends, 0.5), appendToConsumeMs: quantile(toConsume, 0.5) };
}
