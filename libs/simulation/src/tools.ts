import type { SimulatedProcess } from '@interlock/broker/simulated';
import { defineTool, type RecoverySpec, type Tool, type ToolContext } from '@interlock/tools';
import { z } from 'zod';
import type { Answer, Target, Work } from './target.js';

/** Amounts between these are refused by the target's own rules. */
const REFUSED_FROM = 400;
const REFUSED_TO = 499;

const order = z.object({ id: z.string(), amount: z.number().int() });
type Order = z.output<typeof order>;
/** A payment, or what takes one back. */
const payment = order.extend({ undoes: z.string().optional() });
/** `ref` is the key under which the target knows it. */
const paid = z.object({ ref: z.string() });
const refusal = z.object({ code: z.literal('too_much') });

/** Sends work to the target, as one process does. */
type Send = (work: Work, context: ToolContext) => Promise<Answer>;

/** Reads and writes of every kind of recovery, over `target`, as a process has them. */
export function toolsOf(target: Target, process: SimulatedProcess): readonly Tool[] {
  const send: Send = async (work, context) => {
    const answer = await target.send(process, work);
    return answer.ok ? answer : context.fail({ code: answer.refusal });
  };

  const seen = z.object({ id: z.string(), amount: z.number().int(), email: z.string() });
  const rated = z.object({ rate: z.number().int(), secret: z.boolean().optional() });
  return [
    read(send, 'desk.look', seen, ({ id, amount }) => ({ id, amount, email: `${id}@example.com` })),
    read(send, 'desk.rate', rated, ({ amount }) =>
      amount === 13 ? { rate: 1, secret: true } : { rate: amount % 7 },
    ),
    write(send, 'back.keyed', { by: 'idempotency-key' }),
    write(send, 'back.checked', { by: 'verify', tool: 'pay.find', settleAfter: '2s' }),
    write(send, 'back.manual', { by: 'ask-human', settleAfter: '2s' }),
    write(send, 'pay.keyed', { by: 'idempotency-key' }, 'back.checked'),
    write(send, 'pay.checked', { by: 'verify', tool: 'pay.find', settleAfter: '2s' }, 'back.keyed'),
    write(send, 'pay.manual', { by: 'ask-human', settleAfter: '2s' }, 'back.manual'),
    find(target, send),
  ];
}

const read = <Out extends z.ZodType>(
  send: Send,
  name: string,
  output: Out,
  answer: (input: Order) => unknown,
) =>
  defineTool({
    ...described(name, 'read'),
    input: order,
    output,
    run: async (input, context) => {
      const key = context.idempotencyKey;
      const work: Work = {
        tool: name,
        kind: 'read',
        key,
        honoursKey: false,
        undoes: null,
        answer: () => ({ ok: true, output: answer(input) }),
      };
      return outputOf(await send(work, context));
    },
  });

const write = (send: Send, name: string, recovery: RecoverySpec, undoneBy?: string) =>
  defineTool({
    ...described(name, 'write'),
    recovery,
    ...(undoneBy === undefined ? {} : { compensate: { tool: undoneBy, with: undoing } }),
    input: payment,
    output: paid,
    failure: refusal,
    run: async ({ amount, undoes }, context) => {
      const key = context.idempotencyKey;
      const isRefused = amount >= REFUSED_FROM && amount <= REFUSED_TO;
      const answer = (): Answer =>
        isRefused ? { ok: false, refusal: 'too_much' } : { ok: true, output: { ref: key } };
      const honoursKey = recovery.by === 'idempotency-key';
      const work: Work = { tool: name, kind: 'write', key, honoursKey, undoes: undoes ?? null, answer };
      return outputOf(await send(work, context as ToolContext));
    },
  });

const find = (target: Target, send: Send) =>
  defineTool({
    ...described('pay.find', 'read'),
    input: z.object({ key: z.string(), input: payment }),
    output: z.object({ found: z.boolean(), output: z.unknown().optional() }),
    run: async ({ key: asked }, context) => {
      const answer = (): Answer => ({
        ok: true,
        output: target.has(asked) ? { found: true, output: target.outputOf(asked) } : { found: false },
      });
      const key = context.idempotencyKey;
      return outputOf(
        await send({ tool: 'pay.find', kind: 'read', key, honoursKey: false, undoes: null, answer }, context),
      );
    },
  });

/** What undoes a payment that its target has accepted is never too much for it, and now and then people have to allow it. */
const undoing = ({ input, output }: { readonly input: Order; readonly output: z.output<typeof paid> }) => ({
  id: `back ${input.id}`,
  amount: input.amount === 720 ? input.amount : input.amount % 400,
  undoes: output.ref,
});

const described = <Effect extends 'read' | 'write'>(name: string, effect: Effect) =>
  ({
    name,
    version: 1,
    description: '',
    effect,
    risk: effect === 'write' ? 'medium' : 'low',
    audience: 'simulation',
    timeout: effect === 'write' ? '3s' : '2s',
    cost: effect === 'write' ? 0.01 : 0.001,
  }) as const;

const outputOf = (answer: Answer) => (answer.ok ? answer.output : undefined) as never;
