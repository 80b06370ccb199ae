import { afterEach, expect, test } from 'vitest';
import * as reply from '../../../test/models/reply.ts';
import { RunnerHarness, summary } from './asking.js';

let harness: RunnerHarness | undefined;
afterEach(async () => {
  await harness?.server.stop();
  harness = undefined;
});

/** The body of an answer as an endpoint sends it. */
async function answered(body: unknown) {
  harness = await RunnerHarness.open(() => reply.bytes(JSON.stringify(body)));
  return harness.ask();
}

const usage = { prompt_tokens: 100, completion_tokens: 20 };
const calling = (name: string, given: unknown) => ({
  choices: [
    {
      finish_reason: 'tool_calls',
      message: { role: 'assistant', content: null, tool_calls: [{ function: { name, arguments: given } }] },
    },
  ],
  usage,
});
const saying = (content: string) => ({
  choices: [{ finish_reason: 'stop', message: { role: 'assistant', content } }],
  usage,
});
const whole = { output: { said: 'model' }, confidence: 0.9, reasoning: 'x' };

test.each<[string, unknown, unknown]>([
  ['no JSON at all for the arguments', '', {}],
  ['the wrapper without arguments', '{"confidence":0.9,"reasoning":"x"}', {}],
  ['null for the arguments', '{"arguments":null,"confidence":0.9,"occurrence":null}', {}],
  [
    'an object where its text belongs',
    { arguments: { orderId: 'o-1' }, confidence: 0.9 },
    { orderId: 'o-1' },
  ],
])('%s is a call', async (_name, given, expected) => {
  const { outcome } = await answered(calling('orders__get', given));
  expect(outcome).toMatchObject({
    kind: 'proposed',
    proposal: { calls: [{ tool: 'orders.get', arguments: expected, occurrence: 1 }] },
  });
});

test('what a model says of itself costs no plan: what cannot be read of its confidence is none', async () => {
  const said = { confidence: 95, reasoning: null, evidence: 'seen', alternatives: ['wait'] };
  const given = JSON.stringify({ arguments: { orderId: 'o-1' }, ...said });
  const { outcome } = await answered(calling('orders__get', given));
  expect(outcome).toMatchObject({
    kind: 'proposed',
    proposal: { confidence: 0, reasoning: '', evidence: [], alternatives: [], calls: [{}] },
  });
});

test.each([
  [
    'an error and no choices',
    { error: { message: 'Provider returned error', code: 502 } },
    'transient model.http_502',
  ],
  [
    'a rate limit',
    { id: 'x', choices: null, error: { message: 'slow down', code: 429 } },
    'rate_limited model.rate_limited',
  ],
  [
    'a code in words',
    { choices: [], error: { message: 'pay', code: 'insufficient_quota' } },
    'quota_exhausted model.quota_exhausted',
  ],
  ['no code', { error: { message: 'oh' } }, 'transient model.http_500'],
])(
  'status 200 with %s is the failure of the endpoint, in its words, and used nothing',
  async (_name, body, expected) => {
    const result = await answered(body);
    expect(summary(result)).toBe(`${expected}, nothing used`);
    expect(JSON.stringify(result.outcome)).toContain(body.error.message);
  },
);

test.each([
  ['thoughts in front of it', `<think>\n\n</think>\n\n${JSON.stringify(whole)}`],
  ['words around its fence', `Here it is:\n\`\`\`json\n${JSON.stringify(whole)}\n\`\`\`\nDone.`],
  ['words around it', `So: ${JSON.stringify(whole)} That is all.`],
  ['null for a list that is empty', JSON.stringify({ calls: null, ...whole })],
])('a document is read with %s', async (_name, content) => {
  expect((await answered(saying(content))).outcome).toMatchObject({
    kind: 'proposed',
    proposal: { calls: [], output: { said: 'model' }, confidence: 0.9 },
  });
});
