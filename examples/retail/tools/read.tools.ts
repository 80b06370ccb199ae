import type { ModuleKit } from '@interlock/tools';
import { calculate } from '../desk/calculate.ts';
import { lookUps } from '../desk/look-ups.ts';
import { isRefusal, type Records, type Refusal } from '../desk/records.ts';
import { argumentForms } from './arguments.ts';

/** What only looks. `transfer_to_human_agents` is here too: it changes nothing that the shop keeps. */
export function readTools(kit: ModuleKit, records: () => Records) {
  const { defineTool, z } = kit;
  const { id, customer, orderId } = argumentForms(kit);
  const text = z.string().min(1).max(200).meta({ classification: 'personal' });
  const look = {
    version: 1,
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '5s',
    failure: z.object({ code: z.enum(['unknown_user', 'unknown_order', 'unknown_product', 'unknown_item']) }),
  } as const;
  const record = z.looseObject({});
  const or = <T extends object>(found: T | Refusal, fail: (failure: { code: never }) => never): T =>
    isRefusal(found) ? fail({ code: found.refused as never }) : found;

  return [
    defineTool({
      ...look,
      name: 'find_user_id_by_email',
      description: 'Finds who a customer is by e-mail address.',
      input: z.object({ email: text }),
      output: z.object({ user_id: z.string() }),
      run: (input, { fail }) => or(lookUps.userByEmail(records(), input), fail),
    }),
    defineTool({
      ...look,
      name: 'find_user_id_by_name_zip',
      description: 'Finds who a customer is by name and zip code.',
      input: z.object({ first_name: text, last_name: text, zip: text }),
      output: z.object({ user_id: z.string() }),
      run: (input, { fail }) => or(lookUps.userByNameAndZip(records(), input), fail),
    }),
    defineTool({
      ...look,
      name: 'get_user_details',
      description: 'Profile of the customer: address, e-mail, payment methods and order numbers.',
      input: z.object({ user_id: customer }),
      output: record,
      run: (input, { fail }) => or(lookUps.user(records(), input), fail) as never,
    }),
    defineTool({
      ...look,
      name: 'get_order_details',
      description: 'An order of the customer: status, items, payments and deliveries.',
      input: z.object({ customer, order_id: orderId }),
      output: record,
      run: (input, { fail }) => or(lookUps.order(records(), input), fail) as never,
    }),
    defineTool({
      ...look,
      name: 'get_product_details',
      description: 'A product with all its variants, their prices and whether they can be had.',
      input: z.object({ product_id: id }),
      output: record,
      run: (input, { fail }) => or(lookUps.product(records(), input), fail) as never,
    }),
    defineTool({
      ...look,
      name: 'get_item_details',
      description: 'One variant of a product.',
      input: z.object({ item_id: id }),
      output: record,
      run: (input, { fail }) => or(lookUps.item(records(), input), fail) as never,
    }),
    defineTool({
      ...look,
      failure: z.object({ code: z.literal('bad_expression') }),
      name: 'calculate',
      description: 'Works out a sum of amounts: + - * / and parentheses, rounded to cents.',
      input: z.object({ expression: z.string().min(1).max(500).meta({ classification: 'public' }) }),
      output: z.object({ result: z.number() }),
      run({ expression }, { fail }) {
        const result = calculate(expression);
        return typeof result === 'number' ? { result } : fail({ code: 'bad_expression' });
      },
    }),
    defineTool({
      ...look,
      failure: undefined,
      name: 'transfer_to_human_agents',
      description: 'Says that a person has to take over, because no other tool can do what is asked.',
      input: z.object({ summary: z.string().min(1).max(2_000).meta({ classification: 'personal' }) }),
      output: z.object({ transferred: z.literal(true) }),
      run: () => ({ transferred: true as const }),
    }),
  ];
}
