import type { ModuleFactory } from '@interlock/tools';

/** A question to a supplier behind SUPPLIER_URL, an order that it takes under a key, what undoes that, and a check that nothing passes. */
const base = process.env.SUPPLIER_URL ?? '';
export const env = ['SUPPLIER_URL'];

const workflow = (name: string, purpose: string, more = '') => `
workflow: ${name}
version: 1
purpose: ${purpose}
input:
  type: object
  required: [item]
  properties: { item: { type: string } }
  additionalProperties: false
steps:
  ask:
    tool: supplier.ask
    with: { item: "\${input.item}" }
  order:
    needs: [ask]
    tool: supplier.order
    with: { item: "\${input.item}" }${more}
`;

const recalled = `
  check:
    needs: [order]
    tool: supplier.check
    with: { item: "\${input.item}" }`;

const supplier: ModuleFactory = ({ defineTool, z, HttpStatusError }) => {
  const input = z.object({ item: z.string().max(100) });
  const output = z.object({ item: z.string() });
  const send = async (path: string, item: string, key: string, signal: AbortSignal) => {
    const body = JSON.stringify({ item, key });
    const response = await fetch(`${base}/${path}`, { method: 'POST', body, signal });
    if (!response.ok) throw HttpStatusError.of(response);
    return (await response.json()) as { item: string };
  };
  const described = {
    version: 1,
    description: 'Of a supplier.',
    input,
    output,
    audience: 'internal',
  } as const;
  const tools = [
    defineTool({
      ...described,
      name: 'supplier.ask',
      effect: 'read',
      risk: 'low',
      timeout: '10s',
      run: ({ item }, { idempotencyKey, signal }) => send('ask', item, idempotencyKey, signal),
    }),
    defineTool({
      ...described,
      name: 'supplier.order',
      effect: 'write',
      risk: 'low',
      timeout: '10s',
      recovery: { by: 'idempotency-key' },
      compensate: { tool: 'supplier.cancel', with: ({ input: ordered }) => ordered },
      run: ({ item }, { idempotencyKey, signal }) => send('order', item, idempotencyKey, signal),
    }),
    defineTool({
      ...described,
      name: 'supplier.cancel',
      effect: 'write',
      risk: 'low',
      timeout: '10s',
      recovery: { by: 'idempotency-key' },
      run: ({ item }, { idempotencyKey, signal }) => send('cancel', item, idempotencyKey, signal),
    }),
    defineTool({
      ...described,
      name: 'supplier.check',
      effect: 'read',
      risk: 'low',
      timeout: '10s',
      failure: z.object({ code: z.literal('recalled') }),
      run: async (_input, context) => context.fail({ code: 'recalled' }),
    }),
  ];
  return {
    tools,
    workflows: [
      workflow('supplies', 'Order what a supplier has.'),
      workflow(
        'supplies-recalled',
        'Order what a supplier has, and find out too late that it is recalled.',
        recalled,
      ),
    ],
    policies: [{ id: 'supplies', text: 'permit (principal, action, resource);' }],
  };
};

export default supplier;
