import { auditHeaders, runLifeEvents } from '@interlock/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refundRequests, workflow } from '../../../examples/refund-desk/requests.ts';
import { eventually } from '../../e2e/eventually.ts';
import { acceptedOf, type StoredLog } from '../../e2e/stored.log.ts';
import { ForeignReader } from './foreign.reader.ts';
import { KafkaSystem } from './kafka.system.ts';
import { settleAll } from './settling.ts';

const REQUESTS = 15;
const jars = '.kafka/jars/*';

let system: KafkaSystem;
let log: StoredLog;
let customers: string[];
beforeAll(async () => {
  system = await KafkaSystem.start({ orderDelayMs: 5, apart: [] });
  const requests = refundRequests().slice(0, REQUESTS);
  customers = requests.map(({ input }) => input.customerId);
  const runs = await Promise.all(requests.map(({ input }) => system.client.start(workflow, input)));
  await settleAll(system, runs);
  await eventually('every event to be published', async () => {
    log = await system.recorder.complete();
    return published().length >= events().length;
  });
}, 180_000);
afterAll(() => system.stop());

const published = () =>
  (log.get('audit.events') ?? []).flat().filter(({ headers }) => headers[auditHeaders.seq]);
const events = () => acceptedOf(log, 'run.events').filter(({ meta }) => meta.seq !== undefined);

/** The newest version of each event: that is what is written. */
const versions = new Map<string, number>(runLifeEvents.map(({ type, version }) => [type, version]));

const tabbed = (line: string): readonly string[] => line.split('\t').slice(0, 3);
const json = (line: string): readonly string[] => {
  const { run, seq, type } = JSON.parse(line);
  return [run, String(seq), type];
};

test.each([
  ['shell', 'bash', ['examples/audit-consumers/consume.sh'], tabbed],
  ['Python', '/usr/bin/python3', ['examples/audit-consumers/consume.py'], json],
  ['TypeScript', process.execPath, ['examples/audit-consumers/consume.ts'], json],
  ['Java', 'java', ['-cp', jars, 'examples/audit-consumers/Consume.java'], tabbed],
] as const)(
  'the consumer in %s prints every event of every run once, in order',
  async (_name, command, args, parse) => {
    const wanted = Map.groupBy(
      events().map(({ type, meta }) => ({ run: meta.run, seq: meta.seq, type })),
      ({ run }) => run,
    );
    const reader = new ForeignReader(command, args, system.kafka.brokers);
    try {
      await reader.until((lines) => lines.length >= events().length);
      const found = Map.groupBy(reader.lines.map(parse), ([run]) => run);
      for (const [run, list] of wanted)
        expect(found.get(run ?? '')).toEqual(
          list.map(({ seq, type }) => [run, String(seq), `interlock.${type}.v${versions.get(type)}`]),
        );
      expect(found.size).toBe(wanted.size);
    } finally {
      await reader.stop();
    }
  },
);

test('a record names the hash that an export of its run holds, and shows nothing personal', async () => {
  const text = published().map(({ value }) => Buffer.from(value ?? []).toString('utf8'));
  expect(events().some(({ data }) => customers.some((id) => JSON.stringify(data).includes(id)))).toBe(true);
  expect(text.filter((value) => customers.some((id) => value.includes(id)))).toEqual([]);
  expect(text.some((value) => value.includes('"arguments":{"orderId":'))).toBe(true);
  const [first] = published();
  const run = Buffer.from(first?.headers[auditHeaders.subject] ?? []).toString('utf8');
  const answer = await system.client.fetch(`/v1/runs/${run}/events`, {
    headers: { accept: 'application/x-ndjson' },
  });
  const exported = (await answer.text())
    .split('\n')
    .filter((line) => line.startsWith('{"key"'))
    .map((line) => JSON.parse(line).hash);
  const types = published()
    .filter(({ headers }) => Buffer.from(headers[auditHeaders.subject] ?? []).toString('utf8') === run)
    .map(({ headers }) => Buffer.from(headers[auditHeaders.hash] ?? []).toString('utf8'));
  // Events that were decided together share one record, and its hash.
  expect([...new Set(types)]).toEqual(exported);
});
