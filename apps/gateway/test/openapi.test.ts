import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { Catalogue, runLifeEvents } from '@interlock/contracts';
import { RequestMethod } from '@nestjs/common';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { GatewayModule } from '../src/gateway.module.js';

interface Content {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

const file = new URL('../openapi.json', import.meta.url);
const description = JSON.parse(readFileSync(file, 'utf8'));
const paths = description.paths as Record<string, Record<string, Operation>>;

const documented = Object.entries(paths).flatMap(([path, operations]) =>
  Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
);

/** What the module's controllers serve, read from what Nest itself reads. */
function served(): string[] {
  const controllers = Reflect.getMetadata('controllers', GatewayModule) as { prototype: object }[];
  return controllers.flatMap((controller) => {
    const base = Reflect.getMetadata('path', controller) as string;
    const { prototype } = controller;
    const handlers = Object.getOwnPropertyNames(prototype)
      .filter((name) => name !== 'constructor')
      .map((name) => (prototype as Record<string, object>)[name]!)
      .filter((handler) => Reflect.hasMetadata('path', handler));
    return handlers.map((handler) => {
      const method = RequestMethod[Reflect.getMetadata('method', handler) as number];
      const parts = [base, Reflect.getMetadata('path', handler) as string].flatMap((part) => part.split('/'));
      const path = parts.filter((part) => part !== '').map((part) => part.replace(/^:(.+)$/, '{$1}'));
      return `${method} /${path.join('/')}`;
    });
  });
}

test('every route that is served is documented, and every documented one is served', () => {
  expect(served().sort()).toEqual([...documented].sort());
});

const contents = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).flatMap(([method, { requestBody, responses }]) =>
    [['request', requestBody] as const, ...Object.entries(responses)].flatMap(([part, { content } = {}]) =>
      Object.entries(content ?? {}).map(
        ([type, body]) => [`${method} ${path} ${part} ${type}`, body] as [string, Content],
      ),
    ),
  ),
);

test.each(contents)('%s has examples that fit its schema', (_place, { schema, example, examples = {} }) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'openapi', components: description.components });
  const text = JSON.stringify(schema ?? {}).replaceAll('"#/components', '"openapi#/components');
  const fits = ajv.compile(JSON.parse(text));
  const all = [
    ...Object.values(examples).map(({ value }) => value),
    ...(example === undefined ? [] : [example]),
  ];
  for (const one of all) expect([fits(one), fits.errors]).toEqual([true, null]);
});

test('the round of an agent in the examples is one as the log holds it', () => {
  const operation = paths['/v1/runs/{runId}/events']!.get!;
  const { value } = operation.responses['200']!.content!['application/json']!.examples!.agent!;
  const { items } = value as { items: { type: string; data: unknown }[] };
  const catalogue = new Catalogue(runLifeEvents);
  for (const { type, data } of items) {
    expect(catalogue.parse(`${type}/1`, Buffer.from(JSON.stringify(data)))).toEqual({ type, data });
  }
  expect(items.map(({ type }) => type)).toContain('plan.recorded');
});
