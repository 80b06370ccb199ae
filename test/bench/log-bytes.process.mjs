// Reads a log through the broker and adds up what lies in each of its topics, in all and by the time of its records.
import { auditHeaders, topics } from '@interlock/contracts';
import { openLog } from './open-log.mjs';

process.on('message', (task) => {
  logBytes(task).then(
    (result) => process.send({ type: 'done', result }, () => process.exit(0)),
    (error) => process.send({ type: 'failed', error: String(error?.stack ?? error) }, () => process.exit(1)),
  );
});

/** `{ all, windows }`: for the whole log and for each window `{ from, to }` (UTC ms) `{ topic: { records, bytes, types: { wire: parts } } }`. */
async function logBytes({ log, windows }) {
  const broker = await openLog(log);
  const newSums = () => Object.fromEntries(topics.map(({ name }) => [name, newSum()]));
  const sums = { all: newSums(), windows: windows.map(newSums) };
  for (const { name } of topics) {
    const partitions = await broker.partitions(name);
    for (let partition = 0; partition < partitions; partition++) {
      const { start } = await broker.bounds(name, partition);
      for await (const records of broker.read(name, partition, start)) {
        for (const record of records) {
          const window = windowOf(record, windows);
          for (const sum of [sums.all, sums.windows[window]]) if (sum !== undefined) add(record, sum[name]);
        }
      }
    }
  }
  await broker.close();
  return sums;
}

const newSum = () => ({ records: 0, bytes: 0, types: {} });

/** -1: in none, or a record without a time, such as a cached state. */
function windowOf(record, windows) {
  const time = timeOf(record);
  return time === undefined ? -1 : windows.findIndex(({ from, to }) => time >= from && time < to);
}

function timeOf({ headers: { m, [auditHeaders.time]: given, [auditHeaders.type]: type }, value }) {
  if (m !== undefined) return JSON.parse(Buffer.from(m).toString('utf8')).time;
  if (given !== undefined) return Date.parse(Buffer.from(given).toString('utf8'));
  // Where events are not stored, neither are the attributes of a head.
  if (!Buffer.from(type ?? []).includes('head')) return undefined;
  return Date.parse(JSON.parse(Buffer.from(value).toString('utf8')).head.time);
}

function add(record, sum) {
  sum.records += 1;
  sum.bytes += sizeOf(record);
  const { t, [auditHeaders.type]: given } = record.headers;
  const wires = Buffer.from(t ?? given ?? 'none').toString('utf8');
  for (const wire of wires.split(',')) sum.types[wire] = (sum.types[wire] ?? 0) + 1;
}

/** Key, headers and value. */
function sizeOf({ key, headers, value }) {
  let bytes = Buffer.byteLength(key) + (value?.length ?? 0);
  for (const [name, header] of Object.entries(headers)) bytes += name.length + header.length;
  return bytes;
}
