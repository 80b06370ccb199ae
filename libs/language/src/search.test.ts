// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { expect, test } from 'vitest';
import { compileWorkflow } from './compile.js';
import { catalogue } from './refund.fixture.js';

const input = {
  type: 'object',
  properties: {
    customerId: { type: 'string' },
    amount: { type: 'number' },
    at: { type: 'string' },
    email: { type: 'string', classification: 'personal' },
    person: { type: 'object', classification: 'personal', properties: { id: { type: 'string' } } },
    note: { $ref: '#/types/Note' },
  },
};
const document = (search: Record<string, string>) => ({
  workflow: 'w',
  version: 1,
  purpose: 'p',
  input,
  types: { Note: { type: 'object', properties: { text: { type: 'string', classification: 'secret' } } } },
  search,
  steps: { order: { tool: 'orders.get', with: { orderId: '${input.customerId}' } } },
});

function compiled(search: Record<string, string>) {
  const result = compileWorkflow(document(search), catalogue);
  return result.ok
    ? result.workflow.search
    : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

test('each field is typed by what its expression gives', () => {
  expect(
    compiled({
      customer: 'input.customerId',
      total: 'steps.order.output.total * 2',
      large: 'input.amount > 100',
      at: 'timestamp(input.at)',
      requester: 'string(run.requester)',
      failure: 'string(steps.order.failure.code)',
    }),
  ).toEqual({
    customer: { value: 'input.customerId', type: 'string' },
    total: { value: 'steps.order.output.total * 2', type: 'number' },
    large: { value: 'input.amount > 100', type: 'boolean' },
    at: { value: 'timestamp(input.at)', type: 'timestamp' },
    requester: { value: 'string(run.requester)', type: 'string' },
    failure: { value: 'string(steps.order.failure.code)', type: 'string' },
  });
});

test('a workflow without search fields has the hash that it had before there were any', () => {
  const { search: _none, ...without } = document({});
  const result = compileWorkflow(without, catalogue);
  expect(result.ok && 'search' in result.workflow).toBe(false);
});

test.each([
  [{ a: 'steps.order.failure' }, 'search.a: nothing says which type this has'],
  [{ a: 'steps.order.output.items' }, 'search.a: gives list<'],
  [{ a: 'input.colour' }, 'search.a: input has no field "colour"'],
  [{ a: 'steps.pay.output.id' }, 'search.a: there is no step "pay"'],
  [{ a: 'input.' }, 'search.a: '],
  [{ 'a-b': 'input.customerId' }, 'must be a name like customer'],
  [
    Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`f${at}`, 'input.customerId'])),
    'must have at most 16 fields',
  ],
])('what nobody could find by is refused: %j', (search, message) => {
  expect(compiled(search)).toEqual([expect.stringContaining(message)]);
});

test.each([
  ['input.email', 'personal'],
  ['string(input.person.id)', 'personal'],
  ['string(input["email"])', 'personal'],
  ['string(input.note)', 'secret'],
  ['size(input) > 1 ? "a" : "b"', 'personal'],
  ['string(steps.order.failure.message)', 'personal'],
])('%s is refused: an index would keep what is classified', (value, classification) => {
  expect(compiled({ a: value })).toEqual([
    expect.stringContaining(`search.a: reads what is classified as ${classification}`),
  ]);
});
