import type { ModuleFactory } from '@interlock/tools';

/** A desk whose agent may look an order up, and says what is to be paid back. */
const desk: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'orders.look',
      version: 1,
      description: 'Says what is known of an order.',
      effect: 'read' as const,
      risk: 'low' as const,
      audience: 'internal',
      timeout: '5s' as const,
      input: z.object({ id: z.string() }),
      output: z.object({ id: z.string(), total: z.number(), customer: z.string() }),
      run: async ({ id }: { id: string }) => ({ id, total: 129.5, customer: 'Mary Poppins' }),
    }),
  ],
  workflows: [
    `
workflow: ask-desk
version: 1
purpose: Say what is to be paid back.
input:
  type: object
  required: [id]
  properties: { id: { type: string } }
output: \${steps.desk.output}
budget: { tokens: 400000, costUsd: 1, steps: 20, toolCalls: 10, duration: PT1H }
steps:
  desk:
    agent:
      goal: Say what is to be paid back for the order of the facts.
      facts: { id: "\${input.id}" }
      tools: [orders.look]
      output:
        type: object
        required: [outcome, amount, note]
        additionalProperties: false
        properties:
          outcome: { enum: [refund, decline] }
          amount: { type: number }
          note: { type: string, maxLength: 500 }
      budget: { tokens: 400000, costUsd: 1, steps: 5, toolCalls: 5 }
      minConfidence: 0.5
      approvers: [support]
      reads: asked
      baseline: { decide: ask-baseline }
`,
  ],
  tables: [
    JSON.parse(
      `{ "id": "ask-baseline",
         "rules": [{ "id": "none", "when": "true", "then": { "outcome": "decline", "amount": 0, "note": "by the rules" } }] }`,
    ),
  ],
  policies: [
    { id: 'desk-looks', text: 'permit (principal, action, resource == Tool::"orders.look");' },
    {
      id: 'desk-model',
      text: 'permit (principal, action == Action::"model.call", resource) when { context.tokens <= 200000 };',
    },
    {
      id: 'desk-plans',
      text: 'permit (principal, action == Action::"model.output", resource) unless { context.findings.contains("secret.token") };',
    },
  ],
});

export default desk;
