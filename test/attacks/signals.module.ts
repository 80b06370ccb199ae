import { appendFileSync } from 'node:fs';
import type { ModuleFactory } from '@interlock/tools';

/** Pays what a signal says, once a person of finance has agreed. SIGNALS_FILE gets a line for each payment. */
const file = process.env.SIGNALS_FILE ?? '';
export const env = ['SIGNALS_FILE'];

const module: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'signals.pay',
      version: 1,
      description: 'Pays somebody.',
      input: z.object({ to: z.string() }),
      output: z.object({}),
      effect: 'write',
      risk: 'high',
      audience: 'internal',
      timeout: '5s',
      recovery: { by: 'idempotency-key' },
      run: async ({ to }) => {
        appendFileSync(file, `${to}\n`);
        return {};
      },
    }),
  ],
  workflows: [
    `
workflow: pay-as-told
version: 1
purpose: Pay whom a signal names.
input: { type: object, properties: {}, additionalProperties: false }
steps:
  told:
    wait: { signal: payee, deadline: PT5M }
  pay:
    needs: [told]
    tool: signals.pay
    with: { to: "\${steps.told.output.to}" }
`,
  ],
  policies: [
    {
      id: 'people-agree',
      text: '@approval("single") @approvers("finance") permit(principal, action, resource);',
    },
  ],
});
export default module;
