import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { hashOf } from '@interlock/contracts';
import { compileTable, compileWorkflow } from '@interlock/language';
import { loadBundle } from '@interlock/policy';
import { type LoadedModules, loadModules } from '@interlock/tools';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

afterEach(() => vi.unstubAllEnvs());

test('with a folder of data that is not there it does not load, and says what to do', async () => {
  vi.stubEnv('RETAIL_DATA', '/nowhere');
  await expect(loadModules([import.meta.dirname])).rejects.toThrow(
    /RETAIL_DATA names \/nowhere, and policy\.md is not there\. Name a folder/,
  );
});

describe('the module', () => {
  let modules: LoadedModules;
  beforeAll(async () => {
    modules = await loadModules([import.meta.dirname]);
  });

  test('brings fifteen tools, of which seven write and know their keys', () => {
    const writes = modules.tools.filter(({ manifest }) => manifest.effect === 'write');
    expect([modules.tools.length, writes.length]).toEqual([15, 7]);
    for (const { manifest } of writes) expect(manifest.recovery).toEqual({ by: 'idempotency-key' });
  });

  test('has a workflow that passes every check of publication, with the rules of the desk as its prompt', () => {
    const [{ version: _, ...document } = never()] = modules.tables;
    const table = compileTable(document);
    const [prompt = never()] = modules.prompts;
    expect(prompt.text).toContain('# Rules of the retail desk');
    const compiled = compileWorkflow(modules.workflows[0]?.document, {
      tool(reference) {
        const tool = modules.tools.find(({ manifest }) => manifest.name === reference);
        return tool && { ...tool.manifest, hash: tool.toolHash };
      },
      table: () => (table.ok ? table.table : undefined),
      prompt: (name) => ({ name, version: 1, hash: hashOf(prompt.text) }),
    });
    expect(compiled).toMatchObject({
      ok: true,
      workflow: {
        steps: [{ kind: 'agent', agent: { approvers: ['support', 'finance'], minConfidence: 0.6 } }],
      },
    });
  });

  describe('has policies that', () => {
    const ask = (tool: string, given: Record<string, CedarValueJson>, effect = 'write') => {
      const loaded = loadBundle({ policies: modules.policies });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      return loaded.bundle.ask({
        action: 'tool.call',
        principal: {
          uid: { type: 'Workflow', id: 'retail-request' },
          attrs: { requester: 'ada' },
          parents: [],
        },
        resource: { uid: { type: 'Tool', id: tool }, attrs: {}, parents: [] },
        context: { arguments: given, effect },
      });
    };
    const goods = (amount_cents: number) => ({ customer: 'ada', order_id: '#W1', amount_cents });

    test('ask one of support for goods worth up to 1,000.00, and two of finance above', () => {
      for (const tool of ['cancel_pending_order', 'exchange_delivered_order_items']) {
        const small = { kind: 'single', approvers: ['support'] };
        expect(ask(tool, goods(100_000))).toMatchObject({ verdict: 'allow', approval: small });
        const large = { kind: 'dual', approvers: ['finance'] };
        expect(ask(tool, goods(100_001))).toMatchObject({ verdict: 'allow', approval: large });
      }
    });

    test('deny what is for another customer than who asks, reads included', () => {
      const theirs = { customer: 'bob', order_id: '#W1' };
      expect(ask('cancel_pending_order', { ...theirs, amount_cents: 1 }).verdict).toBe('deny');
      expect(ask('modify_user_address', { user_id: 'bob' }).verdict).toBe('deny');
      expect(ask('get_order_details', theirs, 'read').verdict).toBe('deny');
      expect(ask('get_user_details', { user_id: 'bob' }, 'read').verdict).toBe('deny');
      expect(ask('get_user_details', { user_id: 'ada' }, 'read').verdict).toBe('allow');
    });

    test('deny a write that does not say for whom, or what the goods are worth', () => {
      expect(ask('cancel_pending_order', { order_id: '#W1', amount_cents: 1 }).verdict).toBe('deny');
      expect(ask('cancel_pending_order', { customer: 'ada', order_id: '#W1' }).verdict).toBe('deny');
      expect(ask('modify_user_address', {}).verdict).toBe('deny');
    });

    test('know no tool but those of the desk', () => {
      expect(ask('refunds.create', goods(1)).verdict).toBe('deny');
      expect(ask('calculate', { expression: '1' }, 'read').verdict).toBe('allow');
    });
  });
});

function never(): never {
  throw new Error('the module brings none');
}
