/*
 * What the kill tests kill: appends pairs as fast as it can, four at a time over two partitions, and prints what was
 * acknowledged, one `partition offset value` a line. Given a number, it kills itself within the turn of that acknowledgement.
 */
import { writeSync } from 'node:fs';
import { openEmbeddedBroker } from './open.js';

const [directory = '', run = '', killAt = '0'] = process.argv.slice(2);
let left = Number(killAt);
const broker = await openEmbeddedBroker({ directory });
const topic = {
  name: 'killed',
  kind: 'plain',
  scope: 'run',
  keep: 'forever',
  stampedBy: 'writer',
  writer: 'orchestrator',
} as const;
await broker.createTopics([topic], 2);
writeSync(1, 'open\n');

await Promise.all(
  [0, 1, 2, 3].map(async (worker) => {
    const producer = broker.producer();
    const partition = worker % 2;
    for (let at = 0; ; at++) {
      const value = `${run}.${worker}.${at}`;
      const record = { key: 'k', headers: {}, value: Buffer.from(value) };
      const offset = await producer.append(topic.name, partition, [record, record]);
      writeSync(1, `${partition} ${offset} ${value}\n`);
      if (--left === 0) process.kill(process.pid, 'SIGKILL');
    }
  }),
);
