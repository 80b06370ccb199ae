import type { SimulatedProcess } from '@interlock/broker/simulated';
import { hashOf } from '@interlock/contracts';
import { defineTool, type Tool, type ToolContext } from '@interlock/tools';
import { z } from 'zod';
import type { Answer, Target } from '../target.js';

const order = z.object({ id: z.string(), amount: z.number().int() });
const bulk = order.extend({ text: z.string(), items: z.array(order) });

/** More than the log takes, and the same for the same order. */
const bulkOf = ({ id, amount }: z.output<typeof order>): z.output<typeof bulk> => ({
  id,
  amount,
  text: `${id} `.repeat(Math.ceil(70_000 / (id.length + 1))),
  items: [20, 60, 450].slice(0, 1 + (amount % 3)).map((part, at) => ({ id: `${id}-${at}`, amount: part })),
});

const properties = { version: 1, description: '', audience: 'simulation' } as const;

/** Tools that give and take what is too large for the log. Whoever is given something else than what was given says so. */
export function largeToolsOf(target: Target, process: SimulatedProcess): readonly Tool[] {
  const compare = (name: string, document: unknown) => {
    const about = order.safeParse(document);
    if (!about.success || hashOf(bulkOf(about.data)) !== hashOf(document))
      target.defects.push(`${name} was given something else than what a step had given`);
  };
  const ask = async (
    tool: string,
    kind: 'read' | 'write',
    { idempotencyKey: key }: ToolContext,
    output: unknown,
  ) => {
    const answer = (): Answer => ({ ok: true, output });
    const given = await target.send(process, {
      tool,
      kind,
      key,
      honoursKey: kind === 'write',
      undoes: null,
      answer,
    });
    return (given.ok ? given.output : undefined) as never;
  };
  return [
    defineTool({
      ...properties,
      name: 'desk.bulk',
      effect: 'read',
      risk: 'low',
      timeout: '2s',
      cost: 0.001,
      input: order,
      output: bulk,
      run: (input, context) => ask('desk.bulk', 'read', context, bulkOf(input)),
    }),
    defineTool({
      ...properties,
      name: 'desk.weigh',
      effect: 'read',
      risk: 'low',
      timeout: '2s',
      cost: 0.001,
      input: z.object({ document: z.unknown() }),
      output: z.object({ chars: z.number().int() }),
      run({ document }, context) {
        compare('desk.weigh', document);
        return ask('desk.weigh', 'read', context, { chars: JSON.stringify(document).length });
      },
    }),
    defineTool({
      ...properties,
      name: 'pay.large',
      effect: 'write',
      risk: 'medium',
      timeout: '3s',
      cost: 0.01,
      recovery: { by: 'idempotency-key' },
      compensate: {
        tool: 'back.keyed',
        with: ({ input, output }) => ({
          id: `back ${input.id}`,
          amount: input.amount % 400,
          undoes: output.ref,
        }),
      },
      input: order.extend({ document: z.unknown() }),
      output: z.object({ ref: z.string() }),
      run({ document }, context) {
        compare('pay.large', document);
        return ask('pay.large', 'write', context, { ref: context.idempotencyKey });
      },
    }),
  ];
}
