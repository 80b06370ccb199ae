import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from '../e2e/place.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';

/**
 * Item 2: whoever reached the gateway from this machine was operator and admin. A tool that posts where it is told published a policy
 * that permits everything; a proxy or a port forward could have done the same for the whole world.
 */
let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
beforeAll(async () => {
  place = await newPlace('neighbour');
  system = await startSystem({
    dataDir: place.directory,
    environment: { INTERLOCK_MODULES: 'test/attacks/neighbour.module.ts' },
  });
});
afterAll(async () => {
  await system?.stop();
  await place.remove();
});

const permitAll = {
  kind: 'policy',
  name: 'everything',
  version: 1,
  document: { policies: [{ id: 'all', text: 'permit (principal, action, resource);' }] },
};

const bundles = async () => (await system.client.get('/v1/artifacts?kind=policy')).body;

test('a tool that posts to its own gateway is nobody there, and policy stays what it was', async () => {
  const before = await bundles();
  const url = `${system.client.url}/v1/artifacts`;
  const run = await system.client.start('neighbour', { url, body: JSON.stringify(permitAll) });
  const { status, output } = await system.client.settled(run.runId);
  expect({ status, output }).toEqual({ status: 'completed', output: { status: 401 } });
  expect(await bundles()).toEqual(before);
});

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
const description: Description = JSON.parse(readFileSync('apps/gateway/openapi.json', 'utf8'));
const isPublic = new Set(['/healthz', '/readyz', '/metrics', '/openapi.json', '/v1/keys']);
const routes = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.keys(methods)
    .filter((name) => ['get', 'post', 'put', 'patch', 'delete'].includes(name))
    .map((method) => [method.toUpperCase(), path] as const),
);

const ways: Readonly<Record<string, Record<string, string>>> = {
  'as it is': {},
  'through a proxy': { 'x-forwarded-for': '127.0.0.1' },
  'with a password': { authorization: 'Basic YWRtaW46YWRtaW4=' },
};

test.each(Object.keys(ways))('without a token every other route is 401 from loopback, %s', async (way) => {
  const answers = await Promise.all(
    routes.map(async ([method, path]) => {
      const address = system.client.url + path.replaceAll(/\{\w+\}/g, 'x');
      const response = await fetch(address, { method, headers: ways[way] });
      await response.body?.cancel();
      return [method, path, response.status] as const;
    }),
  );
  const open = answers.filter(([, , status]) => status !== 401).map(([, path]) => path);
  expect(new Set(open)).toEqual(isPublic);
  expect(answers.length - open.length).toBeGreaterThan(8);
});
