import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from './place.ts';
import { type SystemProcess, startSystem } from './system.process.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;

/** A domain: a read, a write that is verified and undone by tools of its own, rules, a policy, and a workflow of it all. */
const moduleOf = (name: string, more = '') => `
export default ({ defineTool, z }) => {
  const done = new Map();
  const tool = (spec) => defineTool({ version: 1, description: '', risk: 'low', audience: 'x', timeout: '5s', ...spec });
  return {
    name: '${name}',
    tools: [
      tool({ name: 'desk.look', effect: 'read', input: z.object({ id: z.string() }), output: z.object({ of: z.string() }), run: () => ({ of: '${name}' }) }),
      tool({ name: 'desk.find', effect: 'read', input: z.object({ key: z.string(), input: z.unknown().optional() }), output: z.object({ found: z.boolean() }), run: ({ key }) => ({ found: done.has(key) }) }),
      tool({ name: 'desk.pay', effect: 'write', recovery: { by: 'verify', tool: 'desk.find', settleAfter: '1s' }, compensate: { tool: 'desk.undo', with: ({ output }) => output },
        input: z.object({ amount: z.int() }), output: z.object({ by: z.string() }), run: (_input, { idempotencyKey }) => { done.set(idempotencyKey, true); return { by: '${name}' }; } }),
      tool({ name: 'desk.undo', effect: 'write', recovery: { by: 'idempotency-key' }, input: z.object({ by: z.string() }), output: z.object({}), run: () => ({}) }),
    ],
    tables: [{ id: 'rules', rules: [{ id: '${name}-rule', when: 'true', then: { by: '${name}' } }] }],
    workflows: [{
      workflow: 'order', version: 1, purpose: 'Order.', input: { type: 'object', required: ['amount'], properties: { amount: { type: 'integer' } } },
      output: { looked: '\${steps.look.output.of}', paid: '\${steps.pay.output.by}', ruled: '\${steps.rule.output.by}' },
      steps: {
        look: { tool: 'desk.look', with: { id: 'a' } },
        rule: { decide: 'rules' },
        pay: { needs: ['look', 'rule'], tool: 'desk.pay', with: { amount: '\${input.amount}' } },
      },
    }${more}],
    policies: [
      { id: 'reads', text: 'permit (principal, action, resource == Tool::"desk.look");' },
      { id: 'pays', text: 'permit (principal == Workflow::"order", action, resource == Tool::"desk.pay") when { action == Action::"tool.result" || context.arguments.amount < ${name === 'bank' ? 10 : 100} };' },
    ],
  };
};`;

const other = `, { workflow: 'look-only', version: 1, purpose: 'Look.', input: { type: 'object', properties: {} }, steps: { look: { tool: 'desk.look', with: { id: 'b' } } } }`;

beforeAll(async () => {
  place = await newPlace('module-names');
  const [shop, bank] = [join(place.directory, 'shop.mjs'), join(place.directory, 'bank.mjs')];
  await writeFile(shop, moduleOf('shop', other));
  await writeFile(bank, moduleOf('bank'));
  system = await startSystem({
    dataDir: join(place.directory, 'data'),
    environment: { INTERLOCK_MODULES: `${shop},${bank}`, INTERLOCK_DEMO: '0' },
  });
});
afterAll(async () => {
  await system?.stop();
  await place?.remove();
});

const settled = async (workflow: string, amount: number) =>
  system.client.settled((await system.client.start(workflow, { amount })).runId);

test('two domains with the same names live in one installation, each with its own tools, rules and policies', async () => {
  expect(await settled('shop/order', 50)).toMatchObject({
    workflow: { name: 'shop/order' },
    status: 'completed',
    output: { looked: 'shop', paid: 'shop', ruled: 'shop' },
  });
  expect(await settled('bank/order', 5)).toMatchObject({
    status: 'completed',
    output: { looked: 'bank', paid: 'bank', ruled: 'bank' },
  });
});

test('the policies of one say nothing about the other', async () => {
  expect(await settled('bank/order', 50)).toMatchObject({
    status: 'failed',
    failure: { class: 'denied', step: 'pay' },
  });
});

test('a name without its module is enough where one module alone bears it, and names nothing where two do', async () => {
  expect(await settled('look-only', 1)).toMatchObject({
    workflow: { name: 'shop/look-only' },
    status: 'completed',
  });
  const { status, body } = await system.client.post('/v1/runs', { workflow: 'order', input: { amount: 1 } });
  expect({ status, body }).toMatchObject({
    status: 404,
    body: {
      detail:
        'There is no published workflow order. There are bank/order and shop/order: name the one that is meant.',
    },
  });
});
