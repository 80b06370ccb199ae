// Where the time of a wake went: reads the log and says when, after the vote was sent, each record of the run was decided on.
import { openLog } from './open-log.mjs';
import { quantile } from './quantiles.mjs';

const topics = ['approval.commands', 'run.events', 'approval.events', 'policy.events', 'tool.events'];

process.on('message', (task) => {
  hops(task).then(
    (result) => process.send({ type: 'done', result }, () => process.exit(0)),
    (error) => process.send({ type: 'failed', error: String(error?.stack ?? error) }, () => process.exit(1)),
  );
});

/**
 * For each set of wakes (`[{ runId, sentAt }]`) the kinds of record that followed the vote, in their order:
 * `{ record, count, meanMs, p50Ms, p99Ms }`, from the sending of the vote. Times of records are whole milliseconds, cut off: half of one is added.
 */
async function hops({ log, sets }) {
  const wakes = new Map(sets.flatMap((set, at) => set.map((wake) => [wake.runId, { at, ...wake }])));
  const found = sets.map(() => new Map());
  const broker = await openLog(log);
  for (const topic of topics) {
    const seen = new Map();
    const partitions = await broker.partitions(topic);
    for (let partition = 0; partition < partitions; partition++) {
      const { start } = await broker.bounds(topic, partition);
      for await (const records of broker.read(topic, partition, start)) {
        for (const record of records) take(record, topic, wakes, seen, found);
      }
    }
  }
  await broker.close();
  return found.map(shown);
}

function take(record, topic, wakes, seen, found) {
  const { time, run } = JSON.parse(Buffer.from(record.headers.m).toString('utf8'));
  const wake = wakes.get(run ?? record.key);
  if (wake === undefined || time < Math.floor(wake.sentAt)) return;
  const type = Buffer.from(record.headers.t).toString('utf8').split('/')[0];
  const name = `${topic}: ${type}`;
  const nth = (seen.get(`${wake.runId} ${name}`) ?? 0) + 1;
  seen.set(`${wake.runId} ${name}`, nth);
  const label = nth === 1 ? name : `${name} (${nth})`;
  const times = found[wake.at].get(label) ?? [];
  times.push(time + 0.5 - wake.sentAt);
  found[wake.at].set(label, times);
}

const shown = (kinds) =>
  [...kinds]
    .map(([record, times]) => ({
      record,
      count: times.length,
      meanMs: times.reduce((sum, time) => sum + time, 0) / times.length,
      p50Ms: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
    }))
    .sort((a, b) => a.p50Ms - b.p50Ms);
