// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import { compileTable } from '@interlock/language';

const input = {
  type: 'object',
  properties: { id: { type: 'string' }, amount: { type: 'integer' } },
  required: ['id', 'amount'],
  additionalProperties: false,
};
const order = { id: '${input.id}', amount: '${input.amount}' };
const retry = { transient: { attempts: 3, backoff: '100ms' }, timeout: { attempts: 3, backoff: '100ms' } };
const read = (tool: string, more = {}) => ({ tool, with: order, retry, ...more });
const write = (tool: string, more = {}) => ({ tool, with: order, ...more });
const document = (workflow: string, steps: unknown, more = {}) => ({
  workflow,
  version: 1,
  purpose: 'simulation',
  input,
  budget: { toolCalls: 60, duration: 'PT5M' },
  ...more,
  steps,
});

const compiled = compileTable({
  name: 'amounts',
  version: 1,
  rules: [
    { id: 'none', when: 'input.amount < 20', then: { pay: false } },
    { id: 'some', when: 'input.amount < 2000', then: { pay: true, amount: '${input.amount}' } },
  ],
});
if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
export const amounts = compiled.table;

/** The rules of agents. */
const rules = compileTable({
  name: 'moods',
  version: 1,
  rules: [
    { id: 'calm', when: 'input.amount < 100', then: { v: 'by the rules', choice: 'a' } },
    { id: 'other', when: 'input.amount < 2000', then: { v: 'by the rules', choice: 'b' } },
  ],
});
if (!rules.ok) throw new Error(JSON.stringify(rules.problems));
export const moods = rules.table;

/** Sequences, forks and joins, fallbacks, conditions, tables, waits, signals, questions, failing ends and outputs, pivots, tight budgets, total timeouts. */
export const workflowDocuments: readonly { readonly workflow: string }[] = [
  document('sequence', {
    look: read('desk.look'),
    keyed: write('pay.keyed', {
      needs: ['look'],
      with: { id: '${steps.look.output.id}', amount: '${steps.look.output.amount}' },
    }),
    checked: write('pay.checked', { needs: ['keyed'] }),
    rate: read('desk.rate', { needs: ['checked'] }),
    manual: write('pay.manual', { needs: ['rate'] }),
  }),
  document('fan', {
    look: read('desk.look'),
    a: write('pay.keyed', { needs: ['look'] }),
    b: write('pay.checked', { needs: ['look'] }),
    c: write('pay.manual', {
      needs: ['look'],
      with: { id: '${steps.look.output.email}', amount: '${input.amount}' },
    }),
    close: read('desk.rate', { needs: ['a', 'b', 'c'] }),
  }),
  document('fallbacks', {
    rate: read('desk.rate', { onFailure: { value: { rate: 0 } } }),
    pay: write('pay.checked', {
      needs: ['rate'],
      onFailure: { fallback: 'other' },
      timeout: { total: '20s' },
    }),
    other: write('pay.manual'),
    notify: write('pay.keyed', { needs: ['pay'], when: 'input.amount != 120', onFailure: 'escalate' }),
  }),
  document('decided', {
    look: read('desk.look'),
    resolve: {
      needs: ['look'],
      decide: { table: 'amounts@1', with: { amount: '${steps.look.output.amount}' } },
    },
    rest: { needs: ['resolve'], wait: { for: '2s' } },
    pay: write('pay.checked', { needs: ['rest'], when: 'steps.resolve.output.pay' }),
  }),
  document('patient', {
    ask: { wait: { signal: 'go', deadline: '15s' }, onFailure: { value: { gone: true } } },
    pay: write('pay.manual', { needs: ['ask'], timeout: '15s' }),
    look: read('desk.look', { needs: ['ask'] }),
    again: write('pay.keyed', { needs: ['pay', 'look'] }),
  }),
  document('asked', {
    look: read('desk.look'),
    ask: {
      needs: ['look'],
      approval: {
        question: 'Pay ${input.id}?',
        details: { amount: '${steps.look.output.amount}' },
        approvers: ['lead'],
        required: 'dual',
        escalate: { to: 'director', after: '4s' },
        expires: '10s',
        onExpiry: 'fallback',
      },
      onFailure: { value: { approved: false, by: [], reasons: [] } },
    },
    pay: write('pay.checked', { needs: ['ask'], when: 'steps.ask.output.approved' }),
    sure: {
      needs: ['pay'],
      when: 'input.amount > 100',
      approval: { question: 'Was that right?', approvers: ['lead', 'director'], expires: '8s' },
    },
    more: write('pay.keyed', { needs: ['sure'] }),
  }),
  document(
    'undone',
    {
      first: write('pay.keyed'),
      second: write('pay.checked', { needs: ['first'] }),
      beside: write('pay.manual', { needs: ['first'] }),
      small: write('pay.checked', {
        needs: ['second', 'beside'],
        with: { id: 'small ${input.id}', amount: '${input.amount % 50}' },
      }),
      last: write('pay.keyed', {
        needs: ['small'],
        when: 'input.amount % 20 == 0',
        with: { id: '${input.id}', amount: 450 },
      }),
    },
    { output: { share: '${10000 / (input.amount - 50)}' } },
  ),
  document('turning', {
    first: write('pay.keyed'),
    turn: read('desk.look', { needs: ['first'], pivot: true, when: 'input.amount > 100' }),
    last: write('pay.checked', { needs: ['turn'], with: { id: '${input.id}', amount: 450 } }),
  }),
  document(
    'tight',
    {
      a: write('pay.keyed'),
      b: write('pay.checked'),
      c: read('desk.rate', { needs: ['a'] }),
      d: read('desk.look', { needs: ['b'] }),
    },
    { budget: { toolCalls: 3, costUsd: 0.03, duration: 'PT1M' } },
  ),
  document('family', {
    look: read('desk.look'),
    first: write('pay.keyed', { needs: ['look'] }),
    inner: { needs: ['first'], workflow: 'undone', with: order, onFailure: { value: { share: 0 } } },
    beside: { needs: ['first'], workflow: 'asked', with: order, timeout: '25s' },
    left: { needs: ['first'], workflow: 'sequence', with: order, detached: true },
    last: write('pay.checked', { needs: ['inner', 'beside'] }),
  }),
  document(
    'ancestors',
    {
      below: { workflow: 'family', with: order },
      again: { needs: ['below'], workflow: 'turning', with: order },
      more: write('pay.manual', {
        needs: ['again'],
        with: { id: '${input.id}', amount: '${input.amount % 600}' },
      }),
    },
    { output: { share: '${10000 / (input.amount - 80)}' } },
  ),
  document(
    'payment',
    {
      pay: write('pay.checked'),
      rate: read('desk.rate', { needs: ['pay'], onFailure: { value: { rate: 0 } } }),
      more: write('pay.keyed', { needs: ['rate'], when: 'steps.rate.output.rate % 2 == 0' }),
    },
    { budget: { steps: 5, toolCalls: 20, costUsd: 0.4 } },
  ),
  document('parade', {
    lines: {
      forEach: { in: ['a', 'b', 'c', 'd'], concurrency: 2, failAfter: 1 },
      steps: {
        each: {
          workflow: 'payment',
          with: { id: '${item} of ${input.id}', amount: '${input.amount}' },
          timeout: '40s',
        },
        note: write('pay.keyed', {
          needs: ['each'],
          with: { id: 'note ${item}', amount: '${input.amount % 50}' },
        }),
      },
    },
    again: {
      needs: ['lines'],
      repeat: { until: 'steps.look.output.amount < 1000', max: 2 },
      steps: { look: read('desk.look'), pay: { needs: ['look'], workflow: 'payment', with: order } },
    },
    last: write('pay.checked', {
      needs: ['again'],
      when: 'input.amount % 20 == 0',
      with: { id: '${input.id}', amount: 450 },
    }),
  }),
];
