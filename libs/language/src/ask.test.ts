// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { expect, test } from 'vitest';
import { compileWorkflow } from './compile.js';
import { influencersOf } from './influence.static.js';
import { catalogue } from './refund.fixture.js';
import { head, problemsOf, steps } from './refusal.fixture.js';

const agent = (ask: string, more = ''): string =>
  `  a:\n    agent: { goal: g, tools: [], baseline: { decide: { table: refund-rules, with: { days: 5, amount: 1 } } }, ask: { ${ask} }${more} }\n`;
const whole = 'to: "${input.orderId}", channel: signal, within: PT1H';

test('an agent step may ask whom it serves, three times where it says nothing', () => {
  const result = compileWorkflow(steps(agent(whole)), catalogue);
  expect(result.ok && result.workflow.steps[0]).toMatchObject({
    agent: {
      ask: { to: '${input.orderId}', channel: { kind: 'signal' }, withinMs: 3_600_000, max: 3 },
    },
  });
});

test('a question may leave by a webhook, and come back by a trigger', () => {
  const result = compileWorkflow(
    steps(agent('to: carla, channel: webhook, trigger: crm, within: PT1H')),
    catalogue,
  );
  expect(result.ok && result.workflow.steps[0]).toMatchObject({
    agent: { ask: { channel: { kind: 'webhook', trigger: 'crm' } } },
  });
});

test.each([
  [agent('to: carla, within: PT1H'), /ask\.channel: must be/],
  [agent('channel: signal, within: PT1H'), /ask\.to: is required/],
  [agent('to: carla, channel: signal'), /ask\.within: is required/],
  [agent('to: carla, channel: pigeon, within: PT1H'), /ask\.channel/],
  [agent('to: "${input.amount}", channel: signal, within: PT1H'), /ask\.to: whom it asks must be text/],
  [agent('to: "${input.customer}", channel: signal, within: PT1H'), /has no field "customer"/],
  [agent('to: carla, channel: webhook, within: PT1H'), /ask\.trigger: is required/],
  [agent(`${whole}, trigger: crm`), /ask\.trigger: is for the channel webhook alone/],
  [agent('to: carla, channel: webhook, trigger: c m, within: PT1H'), /ask\.trigger/],
  [agent(`${whole}, max: 21`), /ask\.max/],
  [agent(`${whole}, often: 2`), /unknown field "often"/],
  [agent('to: carla, channel: signal, within: P2D'), /ask\.within: longer than its run may take: P1D/],
  [agent(whole, ', autonomy: shadow'), /ask: its model never acts \(autonomy: shadow\)/],
  [agent(whole, ', autonomy: baseline'), /ask: its model never acts/],
])('%s is refused', (text, message) => {
  expect(problemsOf(steps(text))).toEqual([expect.stringMatching(message)]);
});

test('a model that says whom another one asks leads to what that one does', () => {
  const first =
    '  b: { agent: { goal: g, tools: [], baseline: { decide: { table: refund-rules, with: { days: 5, amount: 1 } } } } }\n';
  const asks = agent('to: "${string(steps.b.output)}", channel: signal, within: PT1H', ', facts: {}');
  const text = `${head}steps:\n${first}${asks.replace('  a:\n', '  a:\n    needs: [b]\n')}`;
  const result = compileWorkflow(text, catalogue);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  expect(influencersOf(result.workflow).steps.get('a')).toContain('b');
});

test.each([
  ['answer', []],
  [undefined, [/ask\.trigger: there is no trigger "crm": publish it first, with does: \{ answer/]],
  ['off', [/ask\.trigger: the trigger "crm" is switched off/]],
  ['start', [/ask\.trigger: the trigger "crm" has does: \{ start: \.\.\. \}, and answers no question/]],
  ['signal', [/ask\.trigger: the trigger "crm" has does: \{ signal/]],
] as const)(
  'a question names a trigger that is published, and answers: one that does %s',
  (does, messages) => {
    const text = steps(agent('to: carla, channel: webhook, trigger: crm, within: PT1H'));
    const result = compileWorkflow(text, {
      ...catalogue,
      trigger: (name) => (name === 'crm' ? does : undefined),
    });
    const problems = result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
    expect(problems).toEqual(messages.map((message) => expect.stringMatching(message)));
  },
);
