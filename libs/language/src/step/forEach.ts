import type { CompiledForEachStep } from '../compiled.step.js';
import { readsOfTemplate } from '../expression.reads.js';
import { type ForEachStep, forEachStep } from '../step.schema.js';
import { itemsOf } from '../template.schema.js';
import { Form } from './form.js';

const ITEM = 'item';
const CONCURRENCY = 10;

export const forEachForm = new Form<'forEach', ForEachStep, CompiledForEachStep>('forEach', forEachStep, {
  check(check, { forEach: { in: list, as = ITEM } }) {
    check.template(list, ['forEach', 'in']);
    check.localName(as, ['forEach', 'as']);
    const type = check.schemaOf(list)?.type;
    if (type !== undefined && type !== 'array')
      check.report(['forEach', 'in'], 'must be a list, or an expression that gives one');
  },
  bodies: ({ forEach: { in: list, as = ITEM }, steps, output }, check) => [
    { at: [], steps, output, locals: new Map([[as, itemsOf(check.schemaOf(list))]]) },
  ],
  output: (_step, _found, _types, [turn]) => ({
    type: 'array',
    ...(turn === undefined ? {} : { items: turn }),
  }),
  compile: (every, { forEach: { in: list, as = ITEM, concurrency, failAfter } }, { bodies: [body] }) =>
    body && {
      ...every,
      kind: 'forEach',
      forEach: {
        in: list,
        as,
        concurrency: concurrency ?? CONCURRENCY,
        failAfter: typeof failAfter === 'string' ? { share: shareOf(failAfter) } : { items: failAfter ?? 0 },
      },
      body,
    },
  reads: ({ forEach }) => readsOfTemplate(forEach.in),
  compiledBodies: ({ body }) => [body],
  isLoop: true,
  withBodies: (step, [body = step.body]) => ({ ...step, body }),
});

const shareOf = (percent: string): number => Number(percent.replace(/ ?%$/, '')) / 100;
