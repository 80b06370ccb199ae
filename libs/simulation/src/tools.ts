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

/** What the code of a tool reaches: each process has its own. */
interface Surroundings {
  readonly target: Target;
  /** Sends work to the target, from this process. */
  readonly send: (work: Work, context: ToolContext) => Promise<Answer>;
}

type Run = (around: Surroundings, input: never, context: ToolContext) => Promise<never>;

/** A tool is described once; its code runs in many processes. */
interface Described {
  readonly tool: Tool;
  readonly run: Run;
}

/** Reads and writes of every kind of recovery, over `target`, as a process has them. */
export function toolsOf(target: Target, process: SimulatedProcess): readonly Tool[] {
  const send: Surroundings['send'] = async (work, context) => {
    const answer = await target.send(process, work);
    return answer.ok ? answer : context.fail({ code: answer.refusal });
  };
  const around = { target, send };
  return described.map(({ tool, run }) => ({
    ...tool,
    // It has passed the schema of its tool.
    run: (input, context) => run(around, input as never, context),
  }));
}

const read = <Out extends z.ZodType>(
  name: string,
  output: Out,
  answer: (input: Order) => unknown,
): Described => ({
  tool: defineTool({ ...properties(name, 'read'), input: order, output, run: nowhere }),
  run: async ({ send }, input: Order, context) => {
    const work: Work = {
      tool: name,
      kind: 'read',
      key: context.idempotencyKey,
      honoursKey: false,
      undoes: null,
      answer: () => ({ ok: true, output: answer(input) }),
    };
    return outputOf(await send(work, context));
  },
});

const write = (name: string, recovery: RecoverySpec, undoneBy?: string): Described => ({
  tool: defineTool({
    ...properties(name, 'write'),
    recovery,
    ...(undoneBy === undefined ? {} : { compensate: { tool: undoneBy, with: undoing } }),
    input: payment,
    output: paid,
    failure: refusal,
    run: nowhere,
  }),
  run: async ({ send }, { amount, undoes }: z.output<typeof payment>, context) => {
    const key = context.idempotencyKey;
    const isRefused = amount >= REFUSED_FROM && amount <= REFUSED_TO;
    const answer = (): Answer =>
      isRefused ? { ok: false, refusal: 'too_much' } : { ok: true, output: { ref: key } };
    const honoursKey = recovery.by === 'idempotency-key';
    const work: Work = { tool: name, kind: 'write', key, honoursKey, undoes: undoes ?? null, answer };
    return outputOf(await send(work, context));
  },
});

const asked = z.object({ key: z.string(), input: payment });

const find = (): Described => ({
  tool: defineTool({
    ...properties('pay.find', 'read'),
    input: asked,
    output: z.object({ found: z.boolean(), output: z.unknown().optional() }),
    run: nowhere,
  }),
  run: async ({ target, send }, { key: sought }: z.output<typeof asked>, context) => {
    const answer = (): Answer => ({
      ok: true,
      output: target.has(sought) ? { found: true, output: target.outputOf(sought) } : { found: false },
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

const properties = <Effect extends 'read' | 'write'>(name: string, effect: Effect) =>
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

/** The code that stands in the description: each process runs its own. */
const nowhere = () => {
  throw new Error('the tool runs in no process');
};

const seen = z.object({ id: z.string(), amount: z.number().int(), email: z.string() });
const rated = z.object({ rate: z.number().int(), secret: z.boolean().optional() });

const described: readonly Described[] = [
  read('desk.look', seen, ({ id, amount }) => ({ id, amount, email: `${id}@example.com` })),
  read('desk.rate', rated, ({ amount }) =>
    amount === 13 ? { rate: 1, secret: true } : { rate: amount % 7 },
  ),
  write('back.keyed', { by: 'idempotency-key' }),
  write('back.checked', { by: 'verify', tool: 'pay.find', settleAfter: '2s' }),
  write('back.manual', { by: 'ask-human', settleAfter: '2s' }),
  write('pay.keyed', { by: 'idempotency-key' }, 'back.checked'),
  write('pay.checked', { by: 'verify', tool: 'pay.find', settleAfter: '2s' }, 'back.keyed'),
  write('pay.manual', { by: 'ask-human', settleAfter: '2s' }, 'back.manual'),
  find(),
];
