// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import type { ModuleFactory } from '@interlock/tools';

/** Pays an amount with a fraction, up to 100. */
const numbers: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'pay.amount',
      version: 1,
      description: 'Pays.',
      input: z.object({ amount: z.number() }),
      output: z.object({ ok: z.boolean() }),
      effect: 'read',
      risk: 'low',
      audience: 'internal',
      timeout: '5s',
      run: () => ({ ok: true }),
    }),
  ],
  policies: [
    {
      id: 'up-to-100',
      text: 'permit (principal, action == Action::"tool.call", resource == Tool::"pay.amount") when { context.arguments.amount.lessThanOrEqual(decimal("100.0")) };',
    },
    { id: 'results', text: 'permit (principal, action == Action::"tool.result", resource);' },
  ],
  workflows: [
    {
      workflow: 'pay',
      version: 1,
      purpose: 'Pays.',
      input: { type: 'object', required: ['amount'], properties: { amount: { type: 'number' } } },
      steps: { pay: { tool: 'pay.amount', with: { amount: '${input.amount}' } } },
    },
  ],
});

export default numbers;
