// Reads a log through the broker and adds up what lies in it, by the time of its records.
import { openLog } from './open-log.mjs';

const topics = ['run.commands', 'run.events', 'policy.events', 'tool.events'];

process.on('message', (task) => {
  logBytes(task).then(
    (result) => process.send({ type: 'done', result }, () => process.exit(0)),
    (error) => process.send({ type: 'failed', error: String(error?.stack ?? error) }, () => process.exit(1)),
  );
});

/** For each window `{ from, to }` (UTC ms): `{ topic: { records, bytes, types: { wire: [records, bytes] } } }`. */
async function logBytes({ log, windows }) {
  const broker = await openLog(log);
  const sums = windows.map(() => Object.fromEntries(topics.map((topic) => [topic, newSum()])));
  for (const topic of topics) {
    const partitions = await broker.partitions(topic);
    for (let partition = 0; partition < partitions; partition++) {
      const { start } = await broker.bounds(topic, partition);
      for await (const records of broker.read(topic, partition, start)) {
        for (const record of records) add(record, topic, windows, sums);
      }
    }
  }
  await broker.close();
  return sums;
}

const newSum = () => ({ records: 0, bytes: 0, types: {} });

function add(record, topic, windows, sums) {
  const { time } = JSON.parse(Buffer.from(record.headers.m).toString('utf8'));
  const window = windows.findIndex(({ from, to }) => time >= from && time < to);
  if (window === -1) return;
  const bytes = sizeOf(record);
  const sum = sums[window][topic];
  sum.records += 1;
  sum.bytes += bytes;
  const wire = Buffer.from(record.headers.t).toString('utf8');
  sum.types[wire] ??= [0, 0];
  sum.types[wire][0] += 1;
  sum.types[wire][1] += bytes;
}

/** Key, headers and value. */
function sizeOf({ key, headers, value }) {
  let bytes = Buffer.byteLength(key) + (value?.length ?? 0);
  for (const [name, header] of Object.entries(headers)) bytes += name.length + header.length;
  return bytes;
}
