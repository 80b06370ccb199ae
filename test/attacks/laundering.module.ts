import type { ModuleFactory } from '@interlock/tools';
import persuaded, { env } from './persuaded.module.ts';

/** The desk of `persuaded`, whose workflows lead what its model said through loops and children. */
export { env };

const input = `
input:
  type: object
  required: [orderId, text]
  properties: { orderId: { type: string }, text: { type: string } }
  additionalProperties: false
budget: { tokens: 100000, costUsd: 1, steps: 20, toolCalls: 30, duration: PT1H }
`;

const decide = `
  decide:
    agent:
      goal: "Decide on the refund of order \${input.orderId}. The customer writes: \${input.text}"
      tools: []
      output:
        type: object
        required: [decision, why]
        additionalProperties: false
        properties: { decision: { enum: [refund, decline] }, why: { type: string, maxLength: 500 } }
      approvers: [support-lead]
      baseline: { decide: persuaded-rules }
`;

/** What people agree to shows nothing of what the model said. */
const agree = `
  agree: { needs: [decide], approval: { question: "Go on with \${input.orderId}?", approvers: [support-lead] } }
`;

const throughOutput = `
workflow: words-through-output
version: 1
purpose: Hand what a model said on as what a body gives.
${input}
steps:
${decide}
${agree}
  each:
    needs: [agree]
    forEach: { in: [1] }
    steps: { rest: { wait: { for: 10ms } } }
    output: "\${steps.decide.output.why}"
  notify:
    needs: [each]
    tool: desk.mail
    with: { text: "\${string(steps.each.output[0])}" }
`;

const throughCondition = `
workflow: words-through-condition
version: 1
purpose: Let a model say how often something is done.
${input}
steps:
${decide}
${agree}
  again:
    needs: [agree]
    repeat: { until: steps.decide.output.decision == "decline", max: 3 }
    steps: { notify: { tool: desk.mail, with: { text: "We pay you back." } } }
`;

const screening = `
workflow: screening
version: 1
purpose: Let a model look at it, and say nothing of that.
${input}
output: { screened: true }
steps:
${decide}
  stop: { needs: [decide], when: steps.decide.output.decision == "decline", wait: { until: "\${input.text}" } }
`;

const throughChild = `
workflow: words-through-child
version: 1
purpose: Pay if the screening has completed.
${input}
steps:
  screen: { workflow: screening, with: { orderId: "\${input.orderId}", text: "\${input.text}" } }
  refund: { needs: [screen], tool: desk.refund, with: { orderId: "\${input.orderId}", amountCents: 3078 } }
`;

const laundering: ModuleFactory = async (kit) => ({
  ...(await persuaded(kit)),
  workflows: [throughOutput, throughCondition, screening, throughChild],
});

export default laundering;
