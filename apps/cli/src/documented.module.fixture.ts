// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { ModuleFactory } from '@interlock/tools';

/** What the workflows of the documents name: tools that take and give what is shown there, and do nothing. */
const documented: ModuleFactory = ({ defineTool, z }) => {
  const text = z.string();
  const number = z.number();
  const read = (name: string, input: object, output: object) =>
    defineTool({
      name,
      version: 1,
      description: 'Stands in the documents.',
      input: z.object({ ...input } as Record<string, typeof text>),
      output: z.object({ ...output } as Record<string, typeof text>),
      effect: 'read',
      risk: 'low',
      audience: 'internal',
      timeout: '5s',
      run: async () => ({}),
    });
  return {
    tools: [
      read('trips.book', { trip: text, what: text }, { reference: text }),
      read('trips.check', { trip: text }, {}),
      read('orders.reserve', { order: text }, {}),
      read('orders.charge', { order: text }, {}),
      read('orders.ship', { order: text }, {}),
      read('stock.get', { sku: text }, { left: number }),
      read('supplier.order', { sku: text, quantity: number }, { quantity: number }),
      read('notes.write', { text }, { noteId: text }),
    ],
    tables: [{ id: 'reorder-rules', rules: [{ id: 'all', when: 'true', then: { quantity: 1 } }] }],
    workflows: ['send-guide', 'booking'].map((workflow) => ({
      workflow,
      version: 1,
      purpose: 'Stand in the documents.',
      input: {
        type: 'object',
        required: ['trip'],
        properties: { trip: { type: 'string' }, what: { type: 'string' } },
      },
      output: { reference: '${input.trip}' },
      steps: { check: { tool: 'trips.check', with: { trip: '${input.trip}' } } },
    })),
  };
};

export default documented;
