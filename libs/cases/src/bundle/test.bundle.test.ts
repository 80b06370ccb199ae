import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testBundle } from './test.bundle.js';

const module = fileURLToPath(new URL('../../test/desk.module.mjs', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const tested = (text: string) => {
  const file = join(folder, 'desk.tests.yaml');
  writeFileSync(file, text);
  return testBundle(file);
};

const bundle = `modules: [${JSON.stringify(module)}]
policies:
  - id: dual-large
    text: '@approval("dual") @approvers("lead") permit (principal, action == Action::"tool.call", resource == Tool::"desk.pay") when { context.arguments.amount > 100 && context.purpose == "step" };'
  - { id: clerks, text: 'permit (principal, action, resource) when { principal.requesterRoles.contains("clerk") && !context.influenced };' }
`;
const question = (more = '') =>
  `{ action: tool.call, principal: { uid: { type: Workflow, id: desk }, attrs: { requesterRoles: [clerk] } }, resource: { uid: { type: Tool, id: desk.pay } }${more} }`;
const paying = (amount: number) => question(`, context: { arguments: { id: o, amount: ${amount} } }`);

/** The problems of the first test, a line each. */
async function problems(text: string): Promise<string[]> {
  const result = await tested(text);
  const found = result.played ? (result.tests[0]?.problems ?? []) : result.problems;
  return found.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
}
const expecting = (expect: string, asked = paying(7)) =>
  problems(`${bundle}\ntests:\n  - name: one\n    question: ${asked}\n    expect: ${expect}`);

test('a verdict, what people have to grant, and the policies that determine it', async () => {
  expect(await expecting('{ verdict: allow, approval: none, policies: [clerks] }')).toEqual([]);
  const large =
    '{ verdict: allow, approval: { required: dual, approvers: [lead] }, policies: [clerks, dual-large] }';
  expect(await expecting(large, paying(101))).toEqual([]);
});

test('what comes otherwise is told with its line, and with policy’s reason', async () => {
  expect(await expecting('{ verdict: deny }')).toEqual([
    '10: tests[0].expect.verdict: expected "deny", got "allow": permitted by clerks',
  ]);
  expect(await expecting('{ verdict: allow, approval: single, policies: [dual-large] }')).toEqual([
    '10: tests[0].expect.approval: expected "single", got "none"',
    '10: tests[0].expect.policies: expected ["dual-large"], got ["clerks"]',
  ]);
});

test('tools of a module give the types: amounts are plain numbers there', async () => {
  const text = `modules: [${JSON.stringify(module)}]\npolicies: modules\ntests:\n`;
  const one = (amount: number, verdict: string) =>
    problems(`${text}  - { name: one, question: ${paying(amount)}, expect: { verdict: ${verdict} } }`);
  expect(await one(101, 'deny')).toEqual([]);
  expect(await one(99, 'allow')).toEqual([]);
});

test('a field that policy is never told is refused: a test of it would test nothing', async () => {
  expect(await expecting('{ verdict: allow }', question(', context: { argument: {} }'))).toEqual([
    expect.stringMatching(
      /^9: tests\[0\]\.question: context\.argument: policy is never told this; it is told tool, /,
    ),
  ]);
});

test('facts are refused, with the reason', async () => {
  const text = `${bundle}\ntests:\n  - { name: one, question: ${paying(7)}, facts: { spent: 5 }, expect: { verdict: allow } }`;
  expect(await problems(text)).toEqual([
    '8: tests[0].facts: facts are not known to this version: leave them out, and test the policies that need none',
  ]);
  expect(await problems(`facts: { spent: {} }\n${text}`)).toHaveLength(2);
});

test('a bundle that could not be published is not asked', async () => {
  const text = `policies: [{ id: a, text: 'permit (principal, action, resource' }]\ntests:\n  - { name: one, question: ${paying(7)}, expect: { verdict: allow } }`;
  const result = await tested(text);
  expect(result).toMatchObject({ played: false, problems: [{ path: expect.stringMatching(/^policies/) }] });
});

test('a test that expects no verdict is refused', async () => {
  expect(await expecting('{}')).toEqual([expect.stringMatching(/expect\.verdict: /)]);
});

test('names of a module that names itself may be left out, also in what it says of its own workflow', async () => {
  const file = join(folder, 'shop.mjs');
  const policy = 'permit (principal == Workflow::"order", action, resource == Tool::"desk.look");';
  const tool = `defineTool({ name: 'desk.look', version: 1, description: '', input: z.object({}), output: z.object({}), effect: 'read', risk: 'low', audience: 'x', timeout: '1s', run: () => ({}) })`;
  const workflow = { workflow: 'order', version: 1, purpose: 'x' };
  writeFileSync(
    file,
    `export default ({ defineTool, z }) => ({ name: 'shop', tools: [${tool}], workflows: [${JSON.stringify(workflow)}], policies: [{ id: 'looks', text: ${JSON.stringify(policy)} }] });`,
  );
  const asked =
    '{ action: tool.call, principal: { uid: { type: Workflow, id: order } }, resource: { uid: { type: Tool, id: desk.look } } }';
  const text = `modules: [./shop.mjs]\npolicies: modules\ntests:\n  - { name: one, question: ${asked}, expect: { verdict: allow, policies: [looks] } }`;
  expect(await problems(text)).toEqual([]);
  const other = asked.replace('id: order', 'id: others');
  expect(await problems(text.replace(asked, other))).toEqual([
    expect.stringContaining('expected "allow", got "deny"'),
    expect.anything(),
  ]);
});
