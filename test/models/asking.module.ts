// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import type { ModuleFactory } from '@interlock/tools';

/** A desk whose agent may ask the customer: by itself, or through the system behind HOOK_URL. */
export const env = ['HOOK_URL'];

const desk: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'shoes.look',
      version: 1,
      description: 'Says whether a size is there.',
      effect: 'read',
      risk: 'low',
      audience: 'internal',
      timeout: '5s',
      input: z.object({ size: z.number() }),
      output: z.object({ isThere: z.boolean() }),
      run: async () => ({ isThere: true }),
    }),
  ],
  workflows: ['signal', 'webhook'].map((channel) => ({
    workflow: channel === 'signal' ? 'shoe-desk' : 'shoe-hotline',
    version: 1,
    purpose: 'Find out what a customer wants.',
    input: {
      type: 'object',
      properties: { customer: { type: 'string' } },
      required: ['customer'],
      additionalProperties: false,
    },
    output: '${steps.desk.output}',
    // A request that a crash has ended is charged as a whole.
    budget: { tokens: 900_000, costUsd: 1 },
    steps: {
      desk: {
        agent: {
          goal: 'Find out which size the customer wants.',
          facts: { customer: '${input.customer}' },
          tools: ['shoes.look'],
          output: {
            type: 'object',
            properties: { size: { type: 'number' } },
            required: ['size'],
            additionalProperties: false,
          },
          budget: { tokens: 900_000, costUsd: 1, steps: 8 },
          ask: {
            to: '${input.customer}',
            channel,
            ...(channel === 'webhook' && { trigger: 'crm' }),
            within: 'PT1H',
            max: 2,
          },
          baseline: { decide: 'shoe-rules' },
        },
      },
    },
  })),
  triggers: [
    {
      id: 'crm',
      secret: 'CRM_SECRET',
      does: { answer: { run: '${event.run}', question: '${event.question}', text: '${event.text}' } },
    },
  ],
  notifications: [
    {
      name: 'crm',
      url: process.env.HOOK_URL ?? 'http://127.0.0.1:9/',
      secret: 'CRM_SECRET',
      on: ['asked'],
      links: 'https://interlock.example.com',
    },
  ],
  tables: [{ id: 'shoe-rules', rules: [{ id: 'none', when: 'true', then: { size: 0 } }] }],
  policies: [
    { id: 'shoes-look', text: 'permit (principal, action, resource == Tool::"shoes.look");' },
    { id: 'shoes-model', text: 'permit (principal, action == Action::"model.call", resource);' },
    {
      id: 'shoes-plans',
      text: 'permit (principal, action == Action::"model.output", resource) unless { context.hasQuestion && context.findings.contains("secret.token") };',
    },
  ],
});

export default desk;
