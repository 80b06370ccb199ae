// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import { appendFileSync } from 'node:fs';
import type { ModuleFactory } from '@interlock/tools';
import { writtenLines } from '../e2e/written.lines.ts';

/** Issues certificates, which a person approves. CERTIFICATES_FILE names the file to which a line is appended for each. */
const file = process.env.CERTIFICATES_FILE ?? '';
export const env = ['CERTIFICATES_FILE'];

export const issuedIn = (path: string): unknown[] => writtenLines(path);

const byAgent = `
workflow: certificates-agent
version: 1
purpose: Issue the certificate that somebody asks for.
input: { type: object, required: [holder], properties: { holder: { type: string } }, additionalProperties: false }
budget: { tokens: 200000, costUsd: 1, steps: 20, toolCalls: 10, duration: PT1H }
steps:
  issue:
    agent:
      goal: "Issue a certificate for \${input.holder}"
      tools: [certificates.issue]
      budget: { tokens: 150000 }
      approvers: [registrar]
      baseline: { decide: certificates-rules }
`;

const byStep = `
workflow: certificates-step
version: 1
purpose: Issue a certificate for some years.
input: { type: object, required: [years], properties: { years: { type: number } }, additionalProperties: false }
steps:
  issue:
    tool: certificates.issue
    with: { holder: ada, years: "\${input.years}" }
`;

const certificates: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'certificates.issue',
      version: 1,
      description: 'Issues a certificate.',
      effect: 'write',
      risk: 'high',
      audience: 'customer',
      timeout: '5s',
      recovery: { by: 'idempotency-key' },
      input: z.object({ holder: z.string(), years: z.int().min(1).max(3).default(1) }),
      output: z.object({ done: z.boolean() }),
      run: async (input) => {
        appendFileSync(file, `${JSON.stringify(input)}\n`);
        return { done: true };
      },
    }),
  ],
  workflows: [byAgent, byStep],
  tables: [{ id: 'certificates-rules', rules: [{ id: 'none', when: 'true', then: { done: false } }] }],
  policies: [
    {
      id: 'models',
      text: 'permit (principal, action in [Action::"model.call", Action::"model.output"], resource);',
    },
    {
      id: 'issue',
      text: '@approval("single") @approvers("registrar") permit (principal, action == Action::"tool.call", resource == Tool::"certificates.issue");',
    },
    { id: 'results', text: 'permit (principal, action == Action::"tool.result", resource);' },
  ],
});

export default certificates;
