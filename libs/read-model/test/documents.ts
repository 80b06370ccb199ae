import { type CompiledWorkflow, compileWorkflow } from '@interlock/language';

/** A workflow without tools, so that the run actor works it alone: it waits for the signal `go`, then is done. */
export const waitingDocument = {
  workflow: 'wait-for-go',
  version: 1,
  purpose: 'Waits until somebody says go.',
  input: {
    type: 'object',
    properties: { orderId: { type: 'string' }, note: { type: 'string' } },
    required: ['orderId'],
    additionalProperties: false,
  },
  search: { order: 'input.orderId' },
  steps: { go: { wait: { signal: 'go', deadline: 'PT1H' } } },
};

/** The same, but people say it. */
export const askedToGoDocument = {
  ...waitingDocument,
  steps: { go: { approval: { question: 'Go on?', approvers: ['finance'] } } },
};

/** Ends by itself after a moment. */
export const shortDocument = {
  workflow: 'short',
  version: 1,
  purpose: 'Ends by itself.',
  input: { type: 'object' },
  output: { outcome: 'done' },
  steps: { pause: { wait: { for: 'PT0.01S' } } },
};

/** Waits for the signal `go`, and fails unless it says `true`. */
export const choosyDocument = {
  ...waitingDocument,
  workflow: 'choosy',
  steps: {
    go: { wait: { signal: 'go', deadline: 'PT1H' } },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the workflow language has templates too
    until: { needs: ['go'], wait: { until: '${steps.go.output.at}' } },
  },
};

/** Asks operators, and is done when one of them has approved. */
export const askingDocument = {
  workflow: 'ask',
  version: 1,
  purpose: 'Asks people whether to go on.',
  input: { type: 'object' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the workflow language has templates too
  output: { said: '${steps.ask.output.by[0]}' },
  steps: { ask: { approval: { question: 'Go on?', approvers: ['operator'] } } },
};

/** Asks the desk for a city, and is done when somebody has answered. */
export const formDocument = {
  workflow: 'where-to',
  version: 1,
  purpose: 'Asks where something goes.',
  input: { type: 'object' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the workflow language has templates too
  output: { city: '${steps.address.output.city}' },
  steps: {
    address: {
      form: {
        question: 'Where does it go?',
        schema: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
          additionalProperties: false,
        },
        roles: ['desk'],
      },
    },
  },
};

export function compiled(document: unknown): CompiledWorkflow {
  const result = compileWorkflow(document, { tool: () => undefined, table: () => undefined });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.workflow;
}
