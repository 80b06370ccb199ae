// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import type { Actor, NewEvent } from '@interlock/actors';
import { ArtifactPublished, ArtifactRefused, hashOf, type PublishedArtifact } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { artifactActor, CATALOGUE_KEY } from './artifact.actor.js';
import type { Candidate } from './checked.js';
import type { RegistryState } from './registry.state.js';

const by = { sub: 'ada', roles: ['admin'] };
const object = { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] };
const read = {
  name: 'orders.get',
  version: 1,
  description: 'Reads an order.',
  input: object,
  output: object,
  effect: 'read',
  risk: 'low',
  audience: 'internal',
  timeoutMs: 1_000,
  costUsd: 0,
  origin: 'function',
  pool: 'default',
};
const write = { ...read, name: 'refunds.create', effect: 'write', recovery: { by: 'idempotency-key' } };
const table = {
  rules: [{ id: 'always', when: 'true', then: { outcome: 'refund' } }],
  otherwise: { outcome: 'decline' },
};
const workflow = {
  workflow: 'refund-request',
  version: 1,
  purpose: 'Resolve a request.',
  input: object,
  steps: {
    order: { tool: 'orders.get', with: { orderId: '${input.orderId}' } },
    rule: { needs: ['order'], decide: 'refund-rules@1' },
  },
};

const actor: Actor<RegistryState> = artifactActor({ mode: 'production', hasTopicsOfOthers: true });
let state: RegistryState | undefined;
let commands = 0;

beforeEach(() => {
  state = undefined;
});

/** Gives the registry one command and folds its answer. */
function publish(
  kind: Candidate['kind'],
  name: string,
  version: number,
  document: unknown,
  commandId?: string,
  author = by,
) {
  commands += 1;
  const data = {
    commandId: commandId ?? `c${commands}`,
    by: author,
    issuedAt: 0,
    kind,
    name,
    version,
    document,
  };
  const meta = { id: data.commandId, epoch: -1, index: 0, time: 0 };
  const message = {
    topic: 'artifact.commands',
    offset: commands,
    part: 0,
    key: name,
    type: 'artifact.publish',
    data,
    meta,
  };
  const context = { now: 0, deferred: [], isRunning: () => false };
  const { events } = actor.decide({ kind: 'message', message }, state, context, CATALOGUE_KEY);
  for (const event of events)
    state = actor.evolve(state, { ...event, id: '', seq: 0, time: 0 }, CATALOGUE_KEY);
  return events;
}

const tool = (manifest: Record<string, unknown>) =>
  publish('tool', String(manifest.name), Number(manifest.version), manifest);

function published(events: readonly NewEvent[]): PublishedArtifact {
  expect(events.map(({ type, data }) => (type === ArtifactPublished.type ? type : data))).toEqual([
    ArtifactPublished.type,
  ]);
  return ArtifactPublished.schema.parse(events[0]?.data);
}

/** Path and message of every problem, in one text each. */
function problems(events: readonly NewEvent[]): string[] {
  expect(events.map(({ type }) => type)).toEqual([ArtifactRefused.type]);
  const refused = ArtifactRefused.schema.parse(events[0]?.data);
  expect(refused.problems.length).toBeGreaterThan(0);
  return refused.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('a tool', () => {
  test('is published under the hash of its manifest', () => {
    expect(published(tool(read))).toMatchObject({ kind: 'tool', hash: hashOf(read), by });
  });

  test.each([
    ['a write without a recovery', { ...write, recovery: undefined }, 'recovery: a write needs a recovery'],
    ['an unknown field', { ...read, colour: 'red' }, 'Unrecognized key'],
    ['a missing field', { ...read, risk: undefined }, 'risk: '],
    ['a schema that is none', { ...read, input: { type: 'objekt' } }, 'input.type: must be a type of JSON'],
    [
      'a verify tool that nobody has published',
      { ...write, recovery: { by: 'verify', tool: 'refunds.find', settleAfterMs: 0 } },
      'publish it first',
    ],
    [
      'a write as its verify tool',
      { ...write, recovery: { by: 'verify', tool: 'mail.send', settleAfterMs: 0 } },
      'only a read can verify',
    ],
  ])('with %s is refused', (_name, manifest, message) => {
    tool({ ...write, name: 'mail.send' });
    expect(problems(tool(manifest)).join()).toContain(message);
  });

  test('may be verified by a published read', () => {
    tool(read);
    const recovery = { by: 'verify', tool: 'orders.get', settleAfterMs: 1_000 };
    expect(published(tool({ ...write, recovery })).name).toBe('refunds.create');
  });

  test('is published under its own name and version only', () => {
    expect(problems(publish('tool', 'other', 2, read))).toHaveLength(2);
  });
});

describe('a version', () => {
  test('stands for one document for ever', () => {
    tool(read);
    expect(problems(tool({ ...read, risk: 'high' }))[0]).toContain('raise the version');
  });

  test('rises', () => {
    tool({ ...read, version: 3 });
    expect(problems(tool({ ...read, version: 2 }))[0]).toContain('orders.get is at 3');
    expect(published(tool({ ...read, version: 4 })).version).toBe(4);
  });

  test('that is published again with the same document is answered again, unchanged', () => {
    const first = published(tool(read));
    const again = published(tool(read));
    expect(again).toEqual({ ...first, commandId: again.commandId });
    expect(again.commandId).not.toBe(first.commandId);
    expect(Object.values(state?.catalogue ?? {}).flat()).toHaveLength(1);
  });

  test('whose command is delivered twice is published once', () => {
    published(publish('tool', 'orders.get', 1, read, 'same'));
    expect(publish('tool', 'orders.get', 1, read, 'same')).toEqual([]);
  });
});

describe('who publishes', () => {
  test.each([
    ['somebody without a role', { sub: 'mallory', roles: [] }],
    ['somebody with every other role', { sub: 'mallory', roles: ['operator', 'lead', 'auditor'] }],
    ['an admin of a tenant', { sub: 'mallory', roles: ['admin'], tenant: 'acme' }],
    ['a module, in production', { sub: 'module:refund-desk', roles: [] }],
  ])('%s is refused, whoever passed the command on', (_name, author) => {
    const text = 'permit(principal, action, resource);';
    const bundle = { policies: [{ id: 'all', text }] };
    expect(problems(publish('policy', 'all', 1, bundle, 'forged', author))[0]).toContain(
      'needs the role admin',
    );
    expect(state?.catalogue['policy:all']).toBeUndefined();
  });
});

describe('a workflow', () => {
  test('is published with its compiled form, pinned to what it names', () => {
    const { hash } = published(tool(read));
    published(publish('table', 'refund-rules', 1, table));
    const { compiled, ...artifact } = published(publish('workflow', 'refund-request', 1, workflow));
    expect(compiled).toMatchObject({
      hash: artifact.hash,
      steps: [
        { id: 'order', toolHash: hash },
        { id: 'rule', table: { name: 'refund-rules', version: 1 } },
      ],
    });
  });

  test('keeps what it was pinned to when it is published again after a newer tool', () => {
    tool(read);
    publish('table', 'refund-rules', 1, table);
    const first = published(publish('workflow', 'refund-request', 1, workflow));
    tool({ ...read, version: 2 });
    expect(published(publish('workflow', 'refund-request', 1, workflow)).hash).toBe(first.hash);
    const second = published(publish('workflow', 'refund-request', 2, { ...workflow, version: 2 }));
    expect(second.compiled).toMatchObject({ steps: [{ id: 'order', version: 2 }, {}] });
  });

  test('that names what nobody has published is refused with every problem at once', () => {
    const found = problems(publish('workflow', 'refund-request', 1, workflow)).join('\n');
    expect(found).toContain('orders.get');
    expect(found).toContain('refund-rules');
    expect(state?.catalogue['workflow:refund-request']).toBeUndefined();
  });

  test('with a step kind of a later release is refused, and the message says so', () => {
    const steps = { think: { agent: { goal: 'x', tools: [] } } };
    expect(problems(publish('workflow', 'w', 1, { ...workflow, workflow: 'w', steps })).join()).toMatch(
      /agent/,
    );
  });

  test('is published under its own name only', () => {
    tool(read);
    publish('table', 'refund-rules', 1, table);
    expect(problems(publish('workflow', 'other', 1, workflow))[0]).toContain('refund-request@1');
  });

  test('may take its input from a published schema', () => {
    tool(read);
    published(publish('schema', 'refund.input', 1, object));
    const document = {
      ...workflow,
      input: { $schema: './refund.input.json' },
      steps: { order: workflow.steps.order },
    };
    expect(published(publish('workflow', 'refund-request', 1, document)).compiled).toMatchObject({
      inputSchema: object,
    });
  });
});

describe('another document', () => {
  test('of policies is published when every policy is sound', () => {
    const text = 'permit(principal, action, resource);';
    expect(published(publish('policy', 'active', 1, { policies: [{ id: 'a', text }] })).version).toBe(1);
    const bad = { policies: [{ id: 'a', text: 'permit(principal' }] };
    expect(problems(publish('policy', 'active', 2, bad))[0]).toContain('policies[0].text');
    expect(state?.catalogue['policy:active']).toHaveLength(1);
  });

  test('of rules is published under the name it says, or under the given one', () => {
    expect(published(publish('table', 'refund-rules', 2, { id: 'refund-rules@2', ...table })).version).toBe(
      2,
    );
    expect(problems(publish('table', 'refund-rules', 5, { id: 'refund-rules@3', ...table }))[0]).toContain(
      'says it is',
    );
    const ofModule = { id: 'refund-rules', version: 4, ...table };
    expect(published(publish('table', 'refund-rules', 4, ofModule)).version).toBe(4);
    const rules = [{ when: 'input.amount >', then: 1 }];
    expect(problems(publish('table', 'x', 1, { rules })).join()).toContain('rules[0].when');
  });

  test('is refused when it is too large for one event, or cannot be hashed', () => {
    const schema = { type: 'object', description: 'x'.repeat(500_000) };
    expect(problems(publish('schema', 'big', 1, schema))[0]).toContain('bytes');
    expect(problems(publish('schema', 'half', 1, { description: '\ud800' }))[0]).toContain('hashed');
  });

  test('of a prompt is its text', () => {
    expect(published(publish('prompt', 'p', 1, { text: 'Decide.' })).kind).toBe('prompt');
    expect(problems(publish('prompt', 'q', 1, { texts: ['Decide.'] }))[0]).toContain('text');
  });
});
