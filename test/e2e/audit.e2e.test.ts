import { join } from 'node:path';
import { parseKeySet } from '@interlock/authority';
import { auditEvents, auditHeaders } from '@interlock/contracts';
import { isSignedBy, type SignedHead } from '@interlock/evidence';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { violationsIn } from './log.check.ts';
import { newPlace } from './place.ts';
import { acceptedOf, readAuditStream, readStoredLog } from './stored.log.ts';
import { type SystemProcess, startSystem } from './system.process.ts';

const KILLS = 4;

let place: Awaited<ReturnType<typeof newPlace>>;
beforeEach(async () => {
  place = await newPlace('audit');
});
afterEach(() => place.remove());

const start = () =>
  startSystem({
    dataDir: join(place.directory, 'data'),
    environment: {
      INTERLOCK_MODULES: 'test/e2e/errands.module.ts',
      ERRANDS_FILE: join(place.directory, 'errands.jsonl'),
    },
  });

const submit = ({ client }: SystemProcess, name: string) =>
  Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      client.start('read', { id: `${name}-${index}`, pauseMs: 5 }, `${name}-${index}`),
    ),
  );

const header = (record: { headers: Readonly<Record<string, Uint8Array>> }, name: string) =>
  Buffer.from(record.headers[name] ?? []).toString('utf8');

test('a system that is killed again and again has told of every event once it is ready again, and signed for every run that ended', async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    const system = await start();
    await submit(system, `kill-${kill}`);
    await system.stop('SIGKILL');
  }
  const system = await start();
  const runs = await submit(system, 'last');
  for (const { runId } of runs) await system.client.settled(runId);
  for (const { runId } of await system.client.runs()) await system.client.settled(runId);
  const { body } = await system.client.get('/v1/keys');
  await system.stop();
  // It is ready once everything that was there has been told.
  await (await start()).stop();

  const log = await readStoredLog(join(place.directory, 'data'));
  expect(violationsIn(log)).toEqual([]);
  const events = acceptedOf(log, 'run.events').filter(({ accepted }) => accepted.meta.seq !== undefined);
  const stream = await readAuditStream(join(place.directory, 'data'));
  const published = new Set(stream.map((record) => header(record, auditHeaders.id)));
  expect(events.filter(({ meta }) => !published.has(meta.id))).toEqual([]);
  // What is derived is not stored.
  const stored = (log.get(auditEvents.name) ?? []).flat();
  expect(stored.filter(({ headers }) => headers[auditHeaders.seq])).toEqual([]);
  expect(stored.length).toBeLessThan(events.length);

  const keys = parseKeySet(body);
  const heads = stream.filter((record) => header(record, auditHeaders.type) === 'interlock.head.v1');
  for (const { value } of heads) {
    const signed: SignedHead = JSON.parse(Buffer.from(value ?? []).toString());
    const key = keys.get(signed.head.keyId);
    expect(key !== undefined && isSignedBy(signed, key)).toBe(true);
  }
  const ended = events.filter(({ type }) => type === 'run.completed');
  expect(new Set(heads.map((head) => header(head, auditHeaders.subject)))).toEqual(
    new Set(ended.map(({ accepted }) => accepted.meta.run)),
  );
  expect(ended.length).toBeGreaterThanOrEqual(runs.length);
});
