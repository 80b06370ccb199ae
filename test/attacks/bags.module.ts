// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the workflow language
import type { ModuleFactory } from '@interlock/tools';

/** Keeps records of customers in every form in which a schema leaves room: a bag, an open object, properties that nobody named. */
const fields = {
  id: { type: 'string' },
  card: { type: 'integer', classification: 'personal' },
  bag: { type: 'object', additionalProperties: { type: 'string' } },
  open: { type: 'object' },
};

const workflow = (name: string) => ({
  workflow: name,
  version: 1,
  purpose: 'Keep what is given.',
  input: {
    type: 'object',
    required: ['id', 'card', 'bag', 'open'],
    properties: fields,
    additionalProperties: true,
  },
  steps: {
    keep: {
      tool: 'bags.keep',
      with: {
        id: '${input.id}',
        card: '${input.card}',
        bag: '${input.bag}',
        open: '${input.open}',
      },
    },
  },
});

const bags: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'bags.keep',
      version: 1,
      description: 'Keeps a record.',
      effect: 'write',
      risk: 'low',
      audience: 'internal',
      timeout: '5s',
      recovery: { by: 'idempotency-key' },
      input: z.object({
        id: z.string(),
        card: z.int().meta({ classification: 'personal' }),
        bag: z.record(z.string(), z.string()),
        open: z.json(),
      }),
      output: z.object({ kept: z.string() }),
      failure: z.object({ code: z.literal('no_room'), of: z.string() }),
      run: async ({ id, bag }, { fail }) =>
        id === 'full'
          ? fail({ code: 'no_room', of: Object.keys(bag).join() })
          : { kept: String(Object.keys(bag)) },
    }),
  ],
  workflows: [workflow('keep'), workflow('keep-checked')],
  policies: [
    {
      id: 'keep',
      text: 'permit (principal == Workflow::"keep", action == Action::"tool.call", resource == Tool::"bags.keep");',
    },
    {
      // The engine says of which number the product is too large.
      id: 'checked',
      text: 'permit (principal == Workflow::"keep-checked", action == Action::"tool.call", resource == Tool::"bags.keep") when { context.arguments.card * 10000 > 0 };',
    },
    { id: 'results', text: 'permit (principal, action == Action::"tool.result", resource);' },
  ],
});

export default bags;
