// Prints every event of every run once, in order, one JSON object a line. Needs kafkajs (any Kafka client does) and Node 22.18 or newer.
//   KAFKA_BROKERS=127.0.0.1:9092 node_modules/node/bin/node examples/audit-consumers/consume.ts
import kafkajs from 'kafkajs';

const brokers = process.env.KAFKA_BROKERS?.split(',');
if (brokers === undefined) throw new Error('KAFKA_BROKERS is not set');
const kafka = new kafkajs.Kafka({ clientId: 'audit-example', brokers, logLevel: kafkajs.logLevel.ERROR });
const consumer = kafka.consumer({ groupId: process.env.AUDIT_GROUP ?? `audit-example-${process.pid}` });
const last = new Map<string, number>();

await consumer.connect();
await consumer.subscribe({ topic: 'audit.events', fromBeginning: true });
await consumer.run({
  async eachMessage({ message }) {
    const header = (name: string) => message.headers?.[name]?.toString() ?? '';

    // The two lines: what is not greater than the last seq of its run is a repeat (or, without a seq, no event of a run).
    const [run, seq] = [header('ce_subject'), Number(header('ce_seq'))];
    if (seq <= (last.get(run) ?? 0)) return;

    last.set(run, seq);
    const data: unknown = JSON.parse(message.value?.toString() ?? 'null');
    process.stdout.write(`${JSON.stringify({ run, seq, type: header('ce_type'), data })}\n`);
  },
});
