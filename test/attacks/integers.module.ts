// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import type { ModuleFactory } from '@interlock/tools';

/** A workflow that takes anything, and one in which a model may name an order. */
const integers: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'big.id',
      version: 1,
      description: 'Reads an order.',
      effect: 'read',
      risk: 'low',
      audience: 'internal',
      timeout: '5s',
      input: z.object({ id: z.number() }),
      output: z.object({ id: z.number() }),
      run: (input) => input,
    }),
  ],
  tables: [{ id: 'fallback-rules', rules: [{ when: 'true', then: { outcome: 'by the rules' } }] }],
  policies: [{ id: 'integers', text: 'permit (principal, action, resource);' }],
  workflows: [
    {
      workflow: 'any',
      version: 1,
      purpose: 'Takes anything.',
      input: { type: 'object' },
      steps: { a: { wait: { for: '1ms' } } },
    },
    {
      workflow: 'ask',
      version: 1,
      purpose: 'Asks a model.',
      input: { type: 'object' },
      budget: { tokens: 1_000_000, costUsd: 5, steps: 50, toolCalls: 20 },
      steps: {
        decide: {
          agent: {
            goal: 'Find the order.',
            tools: ['big.id'],
            baseline: { decide: { table: 'fallback-rules' } },
          },
        },
      },
    },
  ],
});
export default integers;
