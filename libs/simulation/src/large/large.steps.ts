// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions

/** A run that is given all of it, and reads it twice. */
export const weighing = {
  workflow: 'weighing',
  version: 1,
  purpose: 'simulation',
  input: {
    type: 'object',
    properties: { document: { type: 'object' } },
    required: ['document'],
    additionalProperties: false,
  },
  steps: {
    once: { tool: 'desk.weigh', with: { document: '${input.document}' } },
    rest: { needs: ['once'], wait: { for: '1s' } },
    again: { needs: ['rest'], tool: 'desk.weigh', with: { document: '${input.document}' } },
  },
};

const document = '${steps.big.output}';
const order = { id: '${input.id}', amount: '${input.amount}' };
const ways = [{}, { onFailure: { value: { chars: 0 } } }, { onFailure: 'escalate' }] as const;

/** Steps that give what is too large for the log, pass it on whole, read a part of it and make more of it. */
export function largeSteps(random: () => number): Record<string, Record<string, unknown>> {
  const after = { needs: ['big'] };
  const readers: Record<string, Record<string, unknown>> = {
    whole: { ...after, tool: 'desk.weigh', with: { document } },
    paid: { ...after, tool: 'pay.large', with: { ...order, document } },
    items: {
      ...after,
      forEach: { in: '${steps.big.output.items}', as: 'thing', concurrency: 2 },
      steps: { each: { tool: 'pay.keyed', with: { id: '${thing.id}', amount: '${thing.amount}' } } },
      output: { of: '${thing.id}', document },
    },
    other: { ...after, workflow: 'weighing', with: { document } },
    last: {
      ...after,
      wait: { for: '1s' },
      when: 'size(steps.big.output.items) > 1',
    },
  };
  const kept = Object.entries(readers).filter(() => random() < 0.6);
  const steps = kept.map(([id, step]) => {
    const way = 'forEach' in step || 'wait' in step ? {} : (ways[Math.floor(random() * ways.length)] ?? {});
    return [id, { ...step, ...way }] as const;
  });
  return { big: { tool: 'desk.bulk', with: order }, ...Object.fromEntries(steps) };
}

/** What a run gives that passes all of it on. */
export const largeOutput = { document, count: '${size(steps.big.output.items)}' };
