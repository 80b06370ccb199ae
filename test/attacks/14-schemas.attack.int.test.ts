import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from '../e2e/place.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';

/**
 * Item 14: a schema that anyone with the right to publish wrote froze the process for 25 s, whenever a stranger's text met `^(a+)+$`,
 * and 1.9 KB of nested `anyOf` took 3.6 GB.
 */
let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
beforeAll(async () => {
  place = await newPlace('schemas');
  system = await startSystem({ dataDir: place.directory, environment: { INTERLOCK_DEMO: '0' } });
});
afterAll(async () => {
  await system?.stop('SIGKILL');
  await place?.remove();
});

type Schema = Readonly<Record<string, unknown>>;

const publish = (name: string, text: Schema) =>
  system.client.post<{ detail?: string; errors?: readonly { path: string }[] }>('/v1/artifacts', {
    kind: 'workflow',
    name,
    version: 1,
    document: {
      workflow: name,
      version: 1,
      purpose: 'To be attacked.',
      input: { type: 'object', properties: { text }, required: ['text'] },
      steps: { wait: { wait: { for: '1s' } } },
    },
  });
const start = (workflow: string, text: unknown) =>
  system.client.post('/v1/runs', { workflow, input: { text } });

/** The longest time that somebody else waited for `/healthz` while this was going on, ms. */
async function slowestWhile(work: () => Promise<void>): Promise<number> {
  let isOver = false;
  const over = work();
  const end = () => {
    isOver = true;
  };
  over.then(end, end);
  let slowest = 0;
  while (!isOver) {
    const askedAt = performance.now();
    expect(await system.client.status('/healthz')).toBe(200);
    slowest = Math.max(slowest, performance.now() - askedAt);
  }
  await over;
  return slowest;
}

/** A machine that runs other tests at the same time answers late, and never as late as this. */
const LATE_MS = 3_000;

test('a pattern that backtracks is run in linear time', async () => {
  expect((await publish('backtracking', { type: 'string', pattern: '^(a+)+$' })).status).toBe(201);
  const slowest = await slowestWhile(async () => {
    expect((await start('backtracking', `${'a'.repeat(100_000)}!`)).status).toBe(422);
    expect((await start('backtracking', 'a'.repeat(100_000))).status).toBe(202);
  });
  expect(slowest).toBeLessThan(LATE_MS);
});

test('nested anyOf is walked, not unfolded', async () => {
  const nested = Array.from({ length: 26 }).reduce<Schema>(
    (inner) => ({ anyOf: [{ type: 'boolean' }, inner] }),
    { type: 'string' },
  );
  expect(JSON.stringify(nested).length).toBeLessThan(1_900);
  const slowest = await slowestWhile(async () => {
    expect((await publish('nested', nested)).status).toBe(201);
    expect((await start('nested', 'x')).status).toBe(202);
    expect((await start('nested', 1)).status).toBe(422);
  });
  expect(slowest).toBeLessThan(LATE_MS);
});

test('a schema that is larger than it looks is refused where it is published, with the place', async () => {
  const next = (level: number) => ({ $ref: `#/properties/text/$defs/d${level + 1}` });
  const levels = Array.from({ length: 40 }, (_, level) => [
    `d${level}`,
    { allOf: [next(level), next(level)] },
  ]);
  const $defs = { ...Object.fromEntries(levels), d40: {} };
  const slowest = await slowestWhile(async () => {
    const { status, body } = await publish('doubling', { allOf: [next(-1)], $defs });
    expect(status).toBe(422);
    expect(body.errors?.[0]?.path).toContain('input.properties.text.allOf[0]');
  });
  expect(slowest).toBeLessThan(LATE_MS);
});

test('a value that takes too long to check is refused', async () => {
  const items = { allOf: Array.from({ length: 500 }, () => ({ type: 'number' })) };
  expect((await publish('wide', { type: 'array', items })).status).toBe(201);
  const slowest = await slowestWhile(async () => {
    const { status, body } = await start(
      'wide',
      Array.from({ length: 20_000 }, () => 1),
    );
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain('steps');
  });
  expect(slowest).toBeLessThan(LATE_MS);
});
