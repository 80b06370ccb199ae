import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromKcat, kcat } from '../chaos/kafka/audit.readers.ts';
import type { ForeignReader } from '../chaos/kafka/foreign.reader.ts';
import { KafkaSystem } from '../chaos/kafka/kafka.system.ts';

/**
 * Item 16: the audit stream goes to systems that must not know what is personal. It showed the words of the policy engine with the number
 * of a card in them, names of properties that no schema has, and bags beside a classified field.
 */
const CARD = 4_111_111_111_111_111;
const given = {
  card: CARD,
  bag: { 'bag-name-ada@example.com': 'bag-value-ada' },
  open: { 'open-name-ada@example.com': ['open-value-ada'] },
  'unknown-name-ada@example.com': { 'unknown-inner-ada': 'unknown-value-ada' },
};
/** Each is recorded, and none may leave. */
const secrets = [
  String(CARD),
  ...[
    'bag-name',
    'bag-value',
    'open-name',
    'open-value',
    'unknown-name',
    'unknown-inner',
    'unknown-value',
  ].map((word) => `${word}-ada`),
];
const runs = [
  ['keep', 'shown-1', 'completed'],
  ['keep', 'full', 'failed'],
  ['keep-checked', 'shown-2', 'failed'],
] as const;

let system: KafkaSystem;
let reader: ForeignReader;
beforeAll(async () => {
  system = await KafkaSystem.start({
    environment: { INTERLOCK_MODULES: 'test/attacks/bags.module.ts' },
    apart: [],
  });
  reader = kcat(system.kafka.brokers);
}, 240_000);
afterAll(async () => {
  await reader?.stop();
  await system?.stop();
});

test('a consumer of audit.events follows every run and reads nothing that people, tools or the engine said', async () => {
  const ended: string[] = [];
  let recorded = '';
  let seqs = 0;
  for (const [workflow, id, status] of runs) {
    const { runId } = await system.client.start(workflow, { ...given, id });
    const run = await system.client.settled(runId);
    expect([workflow, id, run.status]).toEqual([workflow, id, status]);
    const events = await system.client.events(runId);
    recorded += JSON.stringify(events);
    seqs += events.length;
    ended.push(runId);
  }
  expect(secrets.filter((secret) => !recorded.includes(secret))).toEqual([]);
  expect(recorded).toMatch(new RegExp(`verdict.recorded[^{]*\\{[^{}]*overflow[^{}]*${CARD}`));

  const published = (lines: readonly string[]) =>
    lines.map(fromKcat).filter(({ run, seq }) => seq > 0 && ended.includes(run));
  await reader.until((lines) => published(lines).length >= seqs);
  const stream = reader.lines.join('\n');
  expect(secrets.filter((secret) => stream.includes(secret))).toEqual([]);
  // What is named and not classified is there, so it is not silence that keeps the secrets.
  for (const shown of [
    'shown-1',
    'shown-2',
    'bags.keep',
    'policy.before',
    'no_room',
    '"card":{"redacted":"personal"}',
  ])
    expect(stream.replaceAll('\\"', '"')).toContain(shown);
});
