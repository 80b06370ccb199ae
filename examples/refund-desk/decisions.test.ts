import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { compileTable, compileWorkflow, decideByTable } from '@interlock/language';
import { loadBundle, type Question } from '@interlock/policy';
import { type LoadedModules, loadModules } from '@interlock/tools';
import { beforeAll, describe, expect, test } from 'vitest';
import { daysBetween, generateOrders, today } from './order-system/orders.ts';
import { refundRequests } from './requests.ts';

let modules: LoadedModules;
beforeAll(async () => {
  modules = await loadModules([`${import.meta.dirname}/module.ts`]);
});

test('the module brings what the desk needs', () => {
  expect(modules.tools.map(({ manifest }) => manifest.name)).toEqual([
    'orders.get',
    'refunds.quote',
    'refunds.create',
    'refunds.cancel',
    'refunds.find',
    'mail.send',
    'mail.find',
  ]);
  expect(modules.workflows).toMatchObject([{ name: 'refund-request', version: 6 }]);
  expect(modules.policies).toHaveLength(9);
});

describe('sixty requests', () => {
  test('are the same for the same seed, and each is about an order of its own', () => {
    const requests = refundRequests();
    expect(requests).toHaveLength(60);
    expect(refundRequests()).toEqual(requests);
    expect(new Set(requests.map(({ input }) => input.orderId)).size).toBe(60);
    expect(new Set(requests.map(({ expected }) => expected.status))).toEqual(
      new Set(['completed', 'waiting', 'failed', 'rolled_back']),
    );
  });

  test('are decided by the table as expected, where the order exists and is the customer’s', () => {
    const compiled = compileTable(modules.tables[0] && withoutVersion(modules.tables[0]));
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
    const orders = new Map(generateOrders(7).map((order) => [order.orderId, order]));
    for (const { input, expected, scenario } of refundRequests(7)) {
      const order = orders.get(input.orderId);
      if (order === undefined) {
        expect(expected.failure, scenario).toBe('domain');
        continue;
      }
      const quote = {
        isDelivered: order.deliveredOn !== null,
        isRefunded: order.refundedCents > 0,
        daysSinceDelivery: order.deliveredOn === null ? 0 : daysBetween(order.deliveredOn, today),
      };
      const scope = { input: { quote, reason: input.reason }, steps: {}, run: { id: 'r' } };
      const decision = decideByTable(compiled.table, scope);
      const isDeclined = expected.outcome === 'declined';
      expect(decision, scenario).toMatchObject({ output: { decision: isDeclined ? 'decline' : 'refund' } });
    }
  });
});

test('the workflow passes every check of publication', () => {
  const table = compileTable(modules.tables[0] && withoutVersion(modules.tables[0]));
  const compiled = compileWorkflow(modules.workflows[0]?.document, {
    tool(reference) {
      const tool = modules.tools.find(({ manifest }) => manifest.name === reference.split('@')[0]);
      return tool && { ...tool.manifest, hash: tool.toolHash };
    },
    table: () => (table.ok ? table.table : undefined),
  });
  expect(compiled).toMatchObject({ ok: true });
});

describe('policy', () => {
  const ask = (
    tool: string,
    args: Record<string, CedarValueJson>,
    action: Question['action'] = 'tool.call',
  ) => {
    const loaded = loadBundle({ policies: modules.policies });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    return loaded.bundle.ask({
      action,
      principal: { uid: { type: 'Workflow', id: 'refund-request' }, attrs: {}, parents: [] },
      resource: { uid: { type: 'Tool', id: tool }, attrs: {}, parents: [] },
      context: action === 'tool.call' ? { arguments: args } : args,
    });
  };
  const refund = (amountCents: number, orderCustomerId = 'cus-1') =>
    ask('refunds.create', { orderId: 'o', customerId: 'cus-1', orderCustomerId, amountCents });

  const escalation = {
    remindAfterMs: 10 * 60_000,
    escalateTo: ['finance-director'],
    escalateAfterMs: 60 * 60_000,
    expiresAfterMs: 4 * 60 * 60_000,
    onExpiry: 'deny',
  };
  test.each([
    [5_000, undefined],
    [5_001, { kind: 'single', approvers: ['support-lead'] }],
    [20_000, { kind: 'single', approvers: ['support-lead'] }],
    [20_001, { kind: 'dual', approvers: ['finance'], ...escalation }],
  ])('allows a refund of %i cents when %j agree', (cents, approval) => {
    expect(refund(cents)).toMatchObject({ verdict: 'allow' });
    expect(refund(cents).approval).toEqual(approval);
  });

  test('forbids the refund of somebody else’s order, whatever its amount', () => {
    for (const cents of [100, 10_000, 50_000]) expect(refund(cents, 'cus-2').verdict).toBe('deny');
  });

  test('allows mail to the address the order holds, and to no other', () => {
    expect(ask('mail.send', { to: 'a@b.example', orderEmail: 'a@b.example' }).verdict).toBe('allow');
    expect(ask('mail.send', { to: 'c@d.example', orderEmail: 'a@b.example' }).verdict).toBe('deny');
  });

  test('lets results travel unless they hold a secret', () => {
    expect(ask('orders.get', { findings: ['personal.email'] }, 'tool.result').verdict).toBe('allow');
    expect(ask('orders.get', { findings: ['secret.token'] }, 'tool.result').verdict).toBe('deny');
  });

  test('knows no tool but those of the desk', () => {
    expect(ask('refunds.cancel', {}).verdict).toBe('deny');
    expect(ask('orders.get', {}).verdict).toBe('allow');
  });
});

const withoutVersion = ({ version: _, ...table }: LoadedModules['tables'][number]) => table;
