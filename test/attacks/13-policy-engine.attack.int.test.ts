import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from '../e2e/place.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';

/**
 * Items 13 and 19: Cedar's WASM died of one bundle that somebody published, denied everything from then on, and `/readyz` stayed 200. And
 * no policy was right for 20 and for 20.5.
 */
let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
beforeAll(async () => {
  place = await newPlace('policy-engine');
  system = await startSystem({
    dataDir: place.directory,
    environment: { INTERLOCK_MODULES: 'test/attacks/numbers.module.ts' },
  });
});
afterAll(async () => {
  await system?.stop();
  await place.remove();
});

const when = (condition: string) =>
  `permit (principal, action == Action::"tool.call", resource) when { ${condition} };`;
const types = Array.from({ length: 30 }, (_, at) => `type T${at} = { a: T${at + 1}, b: T${at + 1} };`);

const hostile: Readonly<Record<string, { text: string; schema?: string }>> = {
  '200 parentheses': { text: when(`${'('.repeat(200)}true${')'.repeat(200)}`) },
  '400 terms': { text: when(Array.from({ length: 400 }, () => 'context.approved').join(' && ')) },
  '3,000 attributes': { text: when(`context${'.a'.repeat(3_000)}`) },
  'a schema of a billion attributes': {
    text: when('true'),
    schema: `${types.join(' ')} type T30 = Long; entity A = { t: T0 };`,
  },
  'a misspelt action': { text: 'forbid (principal, action == Action::"tool.cal", resource);' },
  'a number compared as a whole one': {
    text: 'permit (principal, action == Action::"tool.call", resource == Tool::"pay.amount") when { context.arguments.amount <= 100 };',
  },
};

const outcome = async (amount: number) =>
  (await system.client.settled((await system.client.start('pay', { amount })).runId)).status;

test.each(Object.keys(hostile))('%s is refused with its place, and policy judges on', async (name) => {
  const { text, schema } = hostile[name] ?? { text: '' };
  const document = { policies: [{ id: 'hostile', text }], ...(schema !== undefined && { schema }) };
  const artifact = { kind: 'policy', name: 'hostile', version: 1, document };
  const { status, body } = await system.client.post<{ errors: { path: string }[] }>(
    '/v1/artifacts',
    artifact,
  );
  expect({ status, path: body.errors[0]?.path }).toEqual({
    status: 422,
    path: expect.stringMatching(/^(policies\[0\]\.text|schema)$/),
  });
  expect(await outcome(20)).toBe('completed');
  expect(await system.client.status('/readyz')).toBe(200);
});

test('20 and 20.5 are judged alike, 100.5 is denied', async () => {
  expect(await outcome(20)).toBe('completed');
  expect(await outcome(20.5)).toBe('completed');
  expect(await outcome(100.5)).toBe('failed');
});
