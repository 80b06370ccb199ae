import { defaultPrompt, hashOf, promptHashOf } from '@interlock/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { believedUsage } from '../answer/believed.usage.js';
import type { PlanRequest } from '../deferred-plans.js';
import { manifests, modelsFor, publishing, requestOf } from '../plan.scenario.js';
import { composer } from './compose.js';
import { functionNameOf, toolNameOf } from './function-names.js';
import { ANSWER_TOKENS_MIN, costOf, type PromptParts, promptTokensMax } from './reservation.js';

type Body = PromptParts & { max_tokens: number; messages: { content: string }[] };

const composeWith = (environment: Record<string, string> = {}, published = publishing()) => {
  const compose = composer(modelsFor(environment), published);
  return (change: Partial<PlanRequest> = {}) => compose(requestOf(change));
};

test('equal requests have equal bodies; what differs in one of them shows in the body', () => {
  const compose = composeWith();
  expect(compose()).toEqual(compose());
  const bodies = [
    {},
    { goal: 'x' },
    { tools: [] },
    { output: {} },
    { purpose: 'reflect' as const },
    { attempt: 2 },
  ]
    .map(compose)
    .map((composed) => JSON.stringify(composed));
  expect(new Set(bodies).size).toBe(bodies.length);
});

describe('the prompt', () => {
  const document = { text: 'Be brief.' };
  const promptHash = promptHashOf(document);

  test('is the published one that the workflow pinned', () => {
    const compose = composeWith({}, publishing([{ kind: 'prompt', name: 'brief', document }]));
    expect(compose({ promptHash })).toMatchObject({ body: { messages: [{ content: 'Be brief.' }, {}, {}] } });
    expect(compose()).toMatchObject({ body: { messages: [{ content: defaultPrompt.text }, {}, {}] } });
  });

  test('is no artifact of another kind under that hash', () => {
    const compose = composeWith({}, publishing([{ kind: 'tool', name: 'brief', document }]));
    expect(compose({ promptHash })).toMatchObject({ class: 'transient', code: 'planner.not_read' });
  });
});

describe('names of tools', () => {
  const part = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
  const toolName = fc
    .tuple(fc.option(part, { nil: undefined }), fc.array(part, { minLength: 1, maxLength: 4 }))
    .map(([module, parts]) => (module === undefined ? parts.join('.') : `${module}/${parts.join('.')}`));

  test('are functions that the protocol allows, and every one leads back to its tool', () => {
    fc.assert(
      fc.property(toolName, (name) => {
        expect(functionNameOf(name)).toMatch(/^[a-zA-Z0-9_-]+$/);
        expect(toolNameOf(functionNameOf(name))).toBe(name);
      }),
    );
  });

  test('that are close to one another stay apart', () => {
    const names = ['a.b', 'a_b', 'a__b', 'a_.b', 'a._b', 'a___b', 'a.b_', 'a_._b', 'a..b', 'au.b'];
    expect(new Set(names.map(functionNameOf)).size).toBe(names.length);
    expect(names.map(functionNameOf).map(toolNameOf)).toEqual(names);
  });
});

/** Texts of every kind: long, in scripts with several bytes a character, with what JSON escapes. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 500 }),
  fc.string({ unit: 'grapheme', maxLength: 500 }),
  fc.string({ maxLength: 3_000 }),
);

test('whatever is asked: no prompt has more tokens than its bound, and whatever an endpoint says, no more is charged than was reserved', () => {
  const arbitrary = fc.record({
    goal: anyText,
    facts: fc.anything({ values: [anyText, fc.integer()], maxDepth: 3, withNullPrototype: false }),
    tokens: fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 6_000, max: 60_000 })),
    costUsd: fc.double({ min: 0, max: 0.3, noNaN: true }).map((usd) => usd + 0.001),
    prices: fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 800 })),
    answers: fc.constantFrom('tools', 'json'),
    said: fc.tuple(fc.integer({ min: -10, max: 100_000 }), fc.integer({ min: -10, max: 100_000 })),
  });
  let asked = 0;
  fc.assert(
    fc.property(arbitrary, ({ goal, facts, tokens, costUsd, prices, answers, said }) => {
      const [input, output] = prices.map((cents) => cents / 100) as [number, number];
      const compose = composeWith({
        INTERLOCK_MODEL_PRICES: `${input},${output}`,
        INTERLOCK_MODEL_ANSWERS: answers,
      });
      const known = JSON.parse(JSON.stringify({ facts: facts ?? null, observed: [] }));
      const composed = compose({ goal, known, reserved: { tokens, costUsd }, callHash: 'h' });
      if ('class' in composed) {
        expect(['planner.prompt_too_long', 'planner.too_expensive']).toContain(composed.code);
        return;
      }
      asked += 1;
      const body = composed.body as unknown as Body;
      const bound = promptTokensMax(body);
      const bytes = body.messages.reduce<number>((sum, { content }) => sum + Buffer.byteLength(content), 0);
      expect(bound).toBeGreaterThanOrEqual(bytes + Buffer.byteLength(JSON.stringify(body.tools ?? [])));
      expect(body.max_tokens).toBeGreaterThanOrEqual(ANSWER_TOKENS_MIN);
      expect(bound + body.max_tokens).toBeLessThanOrEqual(tokens);
      expect(costOf({ input, output }, bound, body.max_tokens)).toBeLessThanOrEqual(costUsd);
      const [prompt_tokens, completion_tokens] = said;
      const usage = believedUsage(
        { prompt_tokens, completion_tokens },
        { promptTokensMax: bound, answerTokensMax: body.max_tokens },
      );
      if (usage === undefined) return; // The whole reservation is charged.
      expect(usage.inputTokens + usage.outputTokens).toBeLessThanOrEqual(tokens);
      expect(costOf({ input, output }, usage.inputTokens, usage.outputTokens)).toBeLessThanOrEqual(costUsd);
    }),
    { numRuns: 500 },
  );
  expect(asked).toBeGreaterThan(50);
});

test('a request that one decision cannot hold is not asked', () => {
  const compose = composeWith({ INTERLOCK_MODEL_TOKENS_MAX: '2000000' });
  const known = { facts: 'x'.repeat(450_000), observed: [] };
  expect(compose({ known, reserved: { tokens: 2_000_000, costUsd: 100 } })).toMatchObject({
    class: 'context_overflow',
  });
});

describe('the types of a tool or of an output', () => {
  const address = z.object({ street: z.string() }).meta({ id: 'Address' });
  const folder = z.object({
    label: z.string(),
    get children() {
      return z.array(folder).optional();
    },
  });
  const inputs = {
    'parcel.quote': z.object({ from: address, to: address }),
    'document.keep': z.object({ document: z.json() }),
    'folder.make': folder,
  };
  const tools = Object.entries(inputs).map(([name, input]) => ({
    kind: 'tool' as const,
    name,
    document: { ...manifests[0], name, input: z.toJSONSchema(input, { io: 'input' }) },
  }));
  const pins = tools.map(({ name, document }) => ({ name, version: 1, toolHash: hashOf(document) }));
  const output = {
    $ref: '#/types/Order',
    types: { Order: { properties: { parts: { items: { $ref: '#' } } } } },
  };

  test.each(['tools', 'json'])('are found where a request says: answers as %s', (answers) => {
    const compose = composeWith({ INTERLOCK_MODEL_ANSWERS: answers }, publishing(tools));
    const reserved = { tokens: 100_000, costUsd: 1 };
    const { body } = compose({ tools: pins, output, reserved }) as { body: Record<string, unknown> };
    const roots = rootsIn(body);
    const references = roots.flatMap((root) => referencesIn(root).map((reference) => ({ root, reference })));
    expect(references.length).toBeGreaterThanOrEqual(7);
    const targets = references.map(({ root, reference }) => followed(root, reference));
    expect(targets).not.toContain(undefined);
    const folders = targets.filter((target) => JSON.stringify(target).includes('"label"'));
    expect(folders[0]).toMatchObject({ required: ['label'] });
    expect(folders[0]).not.toHaveProperty('properties.confidence');
  });

  /** What an endpoint takes for the root of a schema. */
  const rootsIn = ({ tools, response_format }: Record<string, unknown>): unknown[] =>
    response_format === undefined
      ? (tools as { function: { parameters: unknown } }[]).map((tool) => tool.function.parameters)
      : [(response_format as { json_schema: { schema: unknown } }).json_schema.schema];

  const referencesIn = (node: unknown): string[] =>
    typeof node !== 'object' || node === null
      ? []
      : Object.entries(node).flatMap(([key, part]) => (key === '$ref' ? [String(part)] : referencesIn(part)));

  const followed = (root: unknown, reference: string): unknown =>
    reference
      .split('/')
      .slice(1)
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], root);
});
