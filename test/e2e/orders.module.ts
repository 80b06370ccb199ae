import type { ModuleFactory } from '@interlock/tools';

/**
 * Three writes that can be undone, each by a write of its own, at an order system behind ORDERS_URL, and a question to it that fails
 * the run. To reserve and to release it takes a key; of everything else it can only be asked whether it happened.
 */
const base = process.env.ORDERS_URL ?? '';
export const env = ['ORDERS_URL'];

const step = (name: string, needs: string, more = '') => `
  ${name}:
    ${needs === '' ? '' : `needs: [${needs}]`}
    tool: orders.${name}
    with: { order: "\${input.order}" }
    ${more}`;

const workflow = (name: string, steps: readonly string[]) => `
workflow: ${name}
version: 1
purpose: Bring an order on its way, and find out too late that it cannot be.
input:
  type: object
  required: [order]
  properties: { order: { type: string } }
  additionalProperties: false
steps:${steps.join('')}
`;

const reserve = step('reserve', '');
const charge = step('charge', 'reserve');

const workflows = [
  workflow('order-in-turn', [reserve, charge, step('ship', 'charge'), step('confirm', 'ship')]),
  workflow('order-side-by-side', [reserve, charge, step('ship', 'reserve'), step('confirm', 'ship')]),
  workflow('order-behind-pivot', [
    reserve,
    charge,
    step('ship', 'charge', 'pivot: true'),
    step('confirm', 'ship'),
  ]),
];

const orders: ModuleFactory = ({ defineTool, z, HttpStatusError }) => {
  const order = z.string().min(1).max(100);
  const written = z.object({ action: z.string(), order, key: z.string() });
  const refused = z.object({ code: z.literal('refused') });

  const ask = async (method: string, path: string, signal: AbortSignal, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${base}${path}`, { method, signal, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok && response.status !== 409) throw HttpStatusError.of(response, text);
    return { isRefused: response.status === 409, body: JSON.parse(text) };
  };

  const writing = (action: string, undoneBy?: string) =>
    defineTool({
      name: `orders.${action}`,
      version: 1,
      description: 'Changes an order.',
      input: z.object({ order, undoes: z.string().optional() }),
      output: written,
      failure: refused,
      effect: 'write',
      risk: 'medium',
      audience: 'internal',
      recovery: /^re(serve|lease)$/.test(action)
        ? { by: 'idempotency-key' }
        : { by: 'verify', tool: 'orders.find', settleAfter: '50ms' },
      ...(undoneBy !== undefined && {
        compensate: {
          tool: `orders.${undoneBy}`,
          with: (call: { input: { order: string }; output: { key: string } }) => ({
            order: call.input.order,
            undoes: call.output.key,
          }),
        },
      }),
      // Twelve are held at once, and the processes that run them start one after the other.
      timeout: '10s',
      async run(input, { idempotencyKey: key, signal, fail }) {
        const { isRefused, body } = await ask('POST', '/writes', signal, { ...input, action, key });
        return isRefused ? fail({ code: 'refused' }) : body;
      },
    });

  const find = defineTool({
    name: 'orders.find',
    version: 1,
    description: 'Says whether an order was changed under a key.',
    input: z.object({ key: z.string(), input: z.object({ order }).loose() }),
    output: z.union([
      z.object({ found: z.literal(false) }),
      z.object({ found: z.literal(true), output: written }),
    ]),
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '20s',
    run: async ({ key, input }, { signal }) =>
      (await ask('GET', `/writes?order=${input.order}&key=${key}`, signal)).body,
  });

  const confirm = defineTool({
    name: 'orders.confirm',
    version: 1,
    description: 'Asks whether the order can be confirmed.',
    input: z.object({ order }),
    output: z.object({ confirmed: z.boolean() }),
    failure: refused,
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '20s',
    async run(input, { signal, fail }) {
      const { isRefused, body } = await ask('GET', `/confirmations?order=${input.order}`, signal);
      return isRefused ? fail({ code: 'refused' }) : body;
    },
  });

  const pairs = [
    ['reserve', 'release'],
    ['charge', 'refund'],
    ['ship', 'recall'],
  ] as const;
  const tools = [find, confirm, ...pairs.flatMap(([make, undo]) => [writing(make, undo), writing(undo)])];
  const names = tools.map(({ manifest }) => `Tool::"${manifest.name}"`).join(', ');
  return {
    tools,
    workflows,
    policies: [
      { id: 'orders', text: `permit (principal, action, resource) when { [${names}].contains(resource) };` },
    ],
  };
};

export default orders;
