// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { defaultPrompt } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { compileWorkflow } from './compile.js';
import type { CompiledWorkflow } from './compiled.js';
import { catalogue, refundRequest, refundRules } from './refund.fixture.js';

const compiled = (source: unknown): CompiledWorkflow => {
  const result = compileWorkflow(source, catalogue);
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result.workflow;
};

const step = (workflow: CompiledWorkflow, id: string) => workflow.steps.find((one) => one.id === id);

test('a workflow compiles into its steps in an order in which they can run', () => {
  expect(compiled(refundRequest).steps.map(({ id }) => id)).toEqual([
    'order',
    'resolve',
    'settle',
    'pay',
    'notify',
    'notify-by-letter',
  ]);
});

test('a tool step pins the tool, its recovery and the verify tool, and keeps its templates as text', () => {
  const workflow = compiled(refundRequest);
  expect(step(workflow, 'pay')).toEqual({
    id: 'pay',
    kind: 'tool',
    needs: ['settle'],
    when: 'steps.resolve.output.outcome == "refund"',
    pivot: true,
    timeout: { attemptMs: 10_000 },
    tool: 'refunds.create',
    version: 4,
    toolHash: 'c'.repeat(64),
    effect: 'write',
    timeoutMs: 10_000,
    recovery: {
      by: 'verify',
      settleAfterMs: 30_000,
      tool: { name: 'refunds.find', version: 1, toolHash: 'b'.repeat(64), timeoutMs: 3_000 },
    },
    with: { orderId: '${input.orderId}', amount: '${steps.resolve.output.amount}' },
  });
  expect(step(workflow, 'order')).toMatchObject({
    timeout: { attemptMs: 2_000, totalMs: 60_000 },
    retry: { transient: { attempts: 3, backoffMs: 100 } },
  });
});

test('a write pins the newest version of the tool that undoes it, and how a doubt about that is cleared up', () => {
  const [a, b] = compiled(
    'workflow: w\nversion: 1\npurpose: p\ninput: { type: object }\nsteps:\n  a: { tool: stock.reserve }\n  b: { tool: mail.send, with: { to: a, body: b } }',
  ).steps;
  expect(a).toMatchObject({
    compensate: {
      tool: { name: 'stock.release', version: 3, toolHash: 'f'.repeat(64), timeoutMs: 2_000 },
      recovery: { by: 'verify', settleAfterMs: 1_000, tool: { name: 'refunds.find' } },
    },
  });
  expect(b).not.toHaveProperty('compensate');
});

test('a decide step embeds its table, a wait its milliseconds, a fallback says that it is one', () => {
  const workflow = compiled(refundRequest);
  const { name, version, hash, rules, otherwise } = refundRules;
  expect(step(workflow, 'resolve')).toMatchObject({
    kind: 'decide',
    table: { name, version, hash, rules, otherwise },
  });
  expect(step(workflow, 'settle')).toMatchObject({ kind: 'wait', wait: { forMs: 10_000 } });
  expect(step(workflow, 'notify')).toMatchObject({ onFailure: { do: 'fallback', step: 'notify-by-letter' } });
  expect(step(workflow, 'notify-by-letter')).toMatchObject({ fallbackOnly: true });
});

const agent = (fields: string) =>
  `workflow: w\nversion: 1\npurpose: p\ninput: { type: object, properties: { orderId: { type: string } } }
types: { Resolution: { type: object, properties: { outcome: { type: string } }, required: [outcome] } }
steps:
  order: { tool: orders.get, with: { orderId: "\${input.orderId}" } }
  resolve: { needs: [order], agent: { goal: "Decide on \${input.orderId}", ${fields} } }
  tell: { needs: [resolve], when: steps.resolve.output.outcome == "refund", tool: mail.send, with: { to: a, body: b } }`;

test('an agent step pins its tools with all that recovers and undoes them, its rules and its prompt', () => {
  const fields =
    'tools: [orders.get, refunds.create, stock.reserve], output: { $ref: "#/types/Resolution" }, budget: { tokens: 8000 }, reflect: { rounds: 1 }, minConfidence: 0.7, approvers: [lead], baseline: { decide: { table: refund-rules, with: { total: "${steps.order.output.total}" } } }';
  const resolve = step(compiled(agent(fields)), 'resolve');
  expect(resolve).toMatchObject({
    kind: 'agent',
    agent: {
      goal: 'Decide on ${input.orderId}',
      output: { type: 'object', required: ['outcome'] },
      budget: { tokens: 8_000, costUsd: 1, steps: 8, toolCalls: 20 },
      reflectRounds: 1,
      minConfidence: 0.7,
      approvers: ['lead'],
      levelMax: 'assisted',
      prompt: { name: defaultPrompt.name, hash: defaultPrompt.hash },
      baseline: { table: { hash: refundRules.hash }, with: { total: '${steps.order.output.total}' } },
    },
  });
  expect(resolve?.kind === 'agent' && resolve.agent.tools.map(({ tool }) => tool)).toEqual([
    'orders.get',
    'refunds.create',
    'stock.reserve',
  ]);
  expect(resolve).toHaveProperty('agent.tools.2.compensate.tool.name', 'stock.release');
});

test.each<[string, string, RegExp]>([
  [
    'a tool that is not there',
    'tools: [nothing.here], baseline: { decide: { table: refund-rules, with: {} } }',
    /there is no tool "nothing.here"/,
  ],
  [
    'a tool in two versions',
    'tools: [orders.get, orders.get@2], baseline: { decide: { table: refund-rules, with: {} } }',
    /"orders.get" stands here twice/,
  ],
  [
    'rules that are not there',
    'tools: [], baseline: { decide: nothing }',
    /there is no decision table "nothing"/,
  ],
  [
    'a prompt that is not there',
    'tools: [], prompt: mine@3, baseline: { decide: { table: refund-rules, with: {} } }',
    /there is no prompt "mine@3"/,
  ],
  [
    'a write without recovery',
    'tools: [ledger.write], baseline: { decide: { table: refund-rules, with: {} } }',
    /has no recovery mode/,
  ],
  [
    'a field its output does not have',
    'tools: [], output: { type: object, properties: { other: { type: string } }, additionalProperties: false }, baseline: { decide: { table: refund-rules, with: {} } }',
    /outcome/,
  ],
])('an agent step with %s is refused', (_name, fields, problem) => {
  const result = compileWorkflow(agent(fields), catalogue);
  expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(problem),
  ]);
});

test('an approval step becomes its question and what people must grant, and gives what they said', () => {
  const head = { workflow: 'w', version: 1, purpose: 'p', input: { type: 'object' } };
  const approval = {
    question: 'Pay ${run.requester}?',
    details: { who: '${run.requester}' },
    approvers: ['finance'],
    required: 'dual',
    remind: 'PT1H',
    escalate: { to: 'finance-director', after: 'PT2H' },
    expires: 'PT4H',
    onExpiry: 'fallback',
  };
  const ask = { approval, onFailure: { value: null } };
  const plain = { approval: { question: 'Well?', approvers: ['lead'] } };
  const after = {
    needs: ['plain'],
    when: 'steps.plain.output.approved && steps.plain.output.by[0] != ""',
    wait: { for: '1s' },
  };
  const workflow = compiled({ ...head, steps: { ask, plain, after } });
  expect(step(workflow, 'ask')).toMatchObject({
    kind: 'approval',
    timeout: {},
    approval: {
      question: approval.question,
      details: approval.details,
      requirement: {
        kind: 'dual',
        approvers: ['finance'],
        escalateTo: ['finance-director'],
        remindAfterMs: 3_600_000,
        escalateAfterMs: 7_200_000,
        expiresAfterMs: 14_400_000,
        onExpiry: 'fallback',
      },
    },
  });
  expect(step(workflow, 'plain')).toEqual({
    id: 'plain',
    kind: 'approval',
    needs: [],
    timeout: {},
    approval: { question: 'Well?', requirement: { kind: 'single', approvers: ['lead'] } },
  });
});

test('budget numbers that are not given have defaults, and durations become milliseconds', () => {
  const { budget } = compiled(refundRequest);
  expect(budget).toEqual({ tokens: 100_000, costUsd: 5, steps: 1_000, toolCalls: 15, durationMs: 600_000 });
});

test('text and object of the same document compile to the same hash', () => {
  const text = compileWorkflow(refundRequest, catalogue);
  const object = compileWorkflow(parseYaml(refundRequest), catalogue);
  const json = compileWorkflow(JSON.stringify(parseYaml(refundRequest), null, '\t'), catalogue);
  expect(text).toMatchObject({ ok: true });
  expect([object, json]).toEqual([text, text]);
});

test('a new version of a pinned tool changes the compiled hash and not the document hash', () => {
  const before = compileWorkflow(refundRequest, catalogue);
  const after = compileWorkflow(refundRequest, {
    ...catalogue,
    tool: (name) => {
      const tool = catalogue.tool(name);
      return tool?.name === 'orders.get' ? { ...tool, version: 3, hash: 'f'.repeat(64) } : tool;
    },
  });
  if (!before.ok || !after.ok) throw new Error('both compile');
  expect(after.hash).not.toBe(before.hash);
  expect(after.documentHash).toBe(before.documentHash);
});

test('a compiled workflow is plain JSON and nothing is lost when it is written and read', () => {
  const workflow = compiled(refundRequest);
  expect(JSON.parse(JSON.stringify(workflow))).toEqual(workflow);
});

test('an input schema can be a published one, and types are found by $ref', () => {
  const steps = { order: { tool: 'orders.get', with: { orderId: '${input.order.id}' } } };
  const head = { workflow: 'w', version: 1, purpose: 'p', steps };
  const published = { type: 'object', properties: { order: { type: 'object' } } };
  const withSchema = {
    ...catalogue,
    schema: (name: string) => (name === './w.json' ? published : undefined),
  };
  expect(compileWorkflow({ ...head, input: { $schema: './w.json' } }, withSchema)).toMatchObject({
    ok: true,
    workflow: { inputSchema: published },
  });
  expect(
    compileWorkflow(
      {
        ...head,
        types: { Order: { type: 'object', properties: { id: { type: 'string' } } } },
        input: { type: 'object', properties: { order: { $ref: '#/types/Order' } } },
      },
      catalogue,
    ),
  ).toMatchObject({ ok: true });
});

test('two thousand steps in a row compile', () => {
  const steps = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, index) => [
      `s${index}`,
      { ...(index === 0 ? {} : { needs: [`s${index - 1}`] }), wait: { for: '1s' } },
    ]),
  );
  const document = { workflow: 'long', version: 1, purpose: 'p', input: { type: 'object' }, steps };
  expect(compiled(document).steps).toHaveLength(2_000);
});
