// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import type { InfluenceFact } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import type { CatalogueWorkflow } from './catalogue.js';
import { compileWorkflow } from './compile.js';
import type { CompiledWorkflow } from './compiled.js';
import { flowOf } from './flow.js';
import { factsFrom, factsOf, noFacts, withFact } from './influence.facts.js';
import { influenceOnCall, influenceOnOutcome } from './influence.js';
import { limits } from './limits.js';
import { catalogue } from './refund.fixture.js';

const input = {
  type: 'object',
  properties: { id: { type: 'string' }, amount: { type: 'number' } },
  required: ['id'],
  additionalProperties: false,
};
const rest = { wait: { for: '1s' } };
const document = (workflow: string, steps: unknown, more = {}) => ({
  workflow,
  version: 1,
  purpose: 'p',
  input,
  steps,
  ...more,
});

/** Workflows that are published one after the other. */
class Published {
  readonly all: CatalogueWorkflow[] = [];

  compile(source: unknown) {
    return compileWorkflow(source, {
      ...catalogue,
      workflow: (reference) => {
        const [name, version] = reference.split('@');
        const versions = this.all.filter((one) => one.name === name);
        return version === undefined
          ? versions.at(-1)
          : versions.find((one) => one.version === Number(version));
      },
    });
  }

  publish(source: unknown): CompiledWorkflow {
    const result = this.compile(source);
    if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
    const { workflow: compiled } = result;
    const { name, version, hash } = compiled;
    this.all.push({ name, version, hash, compiled });
    return compiled;
  }

  problems(source: unknown): string[] {
    const result = this.compile(source);
    return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const published = (...sources: readonly unknown[]): Published => {
  const all = new Published();
  for (const source of sources) all.publish(source);
  return all;
};

const below = document(
  'below',
  { rest },
  { output: { id: '${input.id}', text: 'a ${input.id}', n: '${input.amount * 2}', list: [] } },
);
const starts = (more: object = {}) => ({ workflow: 'below', with: { id: '${input.id}' }, ...more });

describe('a step that starts a workflow', () => {
  test('pins it by its hash, with its budget', () => {
    const all = published(below);
    const [pinned] = all.all;
    expect(all.publish(document('above', { go: starts({ detached: true, timeout: '5m' }) })).steps).toEqual([
      {
        id: 'go',
        kind: 'workflow',
        needs: [],
        timeout: { totalMs: 300_000 },
        workflow: { name: 'below', version: 1, hash: pinned?.hash },
        with: { id: '${input.id}' },
        detached: true,
        budget: { ...pinned?.compiled.budget, tokens: 0 },
        depth: 1,
      },
    ]);
  });

  test.each([
    [
      'no such workflow',
      { workflow: 'nowhere' },
      'steps.go.workflow: there is no published workflow "nowhere": a workflow starts only what was published before it',
    ],
    [
      'itself',
      { workflow: 'above' },
      'steps.go.workflow: there is no published workflow "above": a workflow starts only what was published before it',
    ],
    [
      'a version that is not there',
      { workflow: 'below@7' },
      'steps.go.workflow: there is no published workflow "below@7": a workflow starts only what was published before it',
    ],
    [
      'without what it requires',
      { workflow: 'below' },
      'steps.go.with.id: "id" is required by the input schema of what it calls',
    ],
    [
      'with a field that it does not take',
      starts({ with: { id: 'a', name: 'b' } }),
      'steps.go.with.name: what it calls takes no field "name"',
    ],
    [
      'with a number for a text',
      starts({ with: { id: '${input.amount}' } }),
      'steps.go.with.id: what it calls wants string here, this gives a number',
    ],
    [
      'with a text for a number',
      starts({ with: { id: 'a', amount: 'b' } }),
      'steps.go.with.amount: "b" must be number (the input schema of what it calls)',
    ],
    [
      'with a timeout of one attempt',
      starts({ timeout: { attempt: '1m' } }),
      'steps.go.timeout: only a tool step has attempts: write the total timeout',
    ],
  ])('is refused where it starts %s', (_name, step, problem) => {
    expect(published(below).problems(document('above', { go: step }))).toEqual([problem]);
  });

  test('has an output that is known as far as the template of the child says it', () => {
    const read = (text: string) =>
      document('above', { go: starts(), end: { needs: ['go'], wait: { until: text } } });
    const all = published(below);
    for (const known of ['id', 'text', 'n', 'list'])
      expect(all.problems(read(`\${steps.go.output.${known}}`))).toEqual([]);
    expect(all.problems(read('${steps.go.output.other}'))).toEqual([
      'steps.end.wait.until: steps.go.output.other: steps.go.output has no field "other"',
    ]);
    expect(all.problems(read('${steps.go.output.id - 1}'))).toHaveLength(1);
  });

  test('gives the id of a detached child, and nothing else', () => {
    const read = (field: string) =>
      document('above', {
        go: starts({ detached: true }),
        end: { needs: ['go'], wait: { until: `\${steps.go.output.${field}}` } },
      });
    expect(published(below).problems(read('runId'))).toEqual([]);
    expect(published(below).problems(read('id'))).toHaveLength(1);
  });
});

test('runs stand one below the other up to a limit, however the workflows are called', () => {
  const all = published(document('level', { rest }));
  for (let version = 2; version <= limits.familyDepthMax; version += 1)
    all.publish(document('level', { go: { workflow: 'level', with: { id: 'a' } } }, { version }));
  expect(
    all.problems(document('level', { go: { workflow: 'level', with: { id: 'a' } } }, { version: 99 })),
  ).toEqual(['steps.go.workflow: "level" would make 9 runs one below the other; at most 8']);
});

test('a document starts a bounded number of workflows', () => {
  const steps = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`s${at}`, starts()]));
  expect(published(below).problems(document('above', steps))).toEqual([
    'steps: more than 100 steps that start a workflow',
  ]);
});

describe('models', () => {
  const agent = {
    goal: 'g',
    tools: [],
    baseline: { decide: 'refund-rules' },
    budget: { tokens: 100 },
  };
  const thinking = document(
    'below',
    { think: { agent } },
    {
      input: {
        type: 'object',
        properties: { amount: { type: 'number' }, id: { type: 'string' }, days: { type: 'number' } },
      },
    },
  );
  const mark = { step: 'think', level: 'assisted', model: 'm/1', plan: 'child/4' } as const;
  const asked = { step: 'plan', level: 'assisted', model: 'm/1', plan: 'run-0/4' } as const;

  function above() {
    const all = published(thinking);
    return all.publish(document('above', { go: starts(), end: { needs: ['go'], ...rest }, beside: rest }));
  }

  test('of a child may lead to what its parent does behind it, and its tokens are reserved', () => {
    const [go, beside, end] = above()
      .steps.toSorted((a, b) => a.id.localeCompare(b.id))
      .map((step) => step);
    expect([go, beside, end].map((step) => [step?.id, step?.influencedBy])).toEqual([
      ['beside', undefined],
      ['end', ['go']],
      ['go', undefined],
    ]);
    expect(end).toMatchObject({ mayAct: true, budget: { tokens: 100_000 } });
  });

  test('of a child mark what follows from its end, by their paths', () => {
    const flow = flowOf(above());
    const facts = withFact(noFacts, { kind: 'lent', step: 'go', by: [mark] });
    expect(influenceOnCall(flow, facts, 'end')).toEqual([{ ...mark, step: 'go/think' }]);
    expect(influenceOnCall(flow, facts, 'beside')).toEqual([]);
    expect(influenceOnOutcome(flow, facts)).toEqual([{ ...mark, step: 'go/think' }]);
  });

  test('of the run above mark all that a child does', () => {
    const flow = flowOf(
      published().publish(
        document('below', { rest, ask: { approval: { question: 'q', approvers: ['a'] } } }),
      ),
    );
    const facts = factsFrom([{ ...asked, workflow: 'a hash' }]);
    expect(influenceOnCall(flow, facts, 'rest')).toEqual([asked]);
    expect(influenceOnOutcome(flow, withFact(facts, { kind: 'endorsed', step: 'ask' }))).toEqual([asked]);
    expect(influenceOnCall(flow, factsFrom(), 'rest')).toEqual([]);
  });

  test('are told again, to whoever has forgotten them, as they were', () => {
    const facts = [
      { kind: 'asked', step: 'plan', level: 'assisted', model: 'm/1', plan: 'run-1/4' },
      { kind: 'used', step: 'plan' },
      { kind: 'lent', step: 'go', by: [mark, { ...mark, step: 'other' }] },
      { kind: 'fell_back', step: 'end', to: 'beside', spenders: ['plan'] },
      { kind: 'requested', step: 'pay', approved: { callHash: 'h', requestId: 'run-1/9' } },
      { kind: 'endorsed', step: 'ask' },
    ] as const;
    const begun = factsFrom([{ ...asked, workflow: 'a hash' }]);
    const known = facts.reduce((before, fact) => withFact(before, fact as InfluenceFact), begun);
    expect(factsOf(known).reduce(withFact, begun)).toEqual(known);
  });

  test('of a detached child lead to nothing in its parent', () => {
    const all = published(thinking);
    const { steps } = all.publish(
      document('above', { go: starts({ detached: true }), end: { needs: ['go'], ...rest } }),
    );
    expect(steps.map(({ influencedBy }) => influencedBy)).toEqual([undefined, undefined]);
  });
});
