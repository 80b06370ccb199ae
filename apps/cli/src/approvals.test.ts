import { byReference, questionHashOf } from '@interlock/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approval, callWith, NOW, publishedTools } from './people.fixture.js';
import { run, TestServer } from './server.fixture.js';

const now = () => NOW;
let server: TestServer;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
  server.on(TOOLS, [200, publishedTools]);
  server.on(APPROVAL, [200, approval]);
});
afterEach(() => server.stop());

const refusal = (status: number, detail: string) =>
  [status, { title: 'No', status, detail, errors: [] }] as const;
const TOOLS = 'GET /v1/artifacts?kind=tool&documents=true&limit=100';
const APPROVAL = 'GET /v1/approvals/run-7.9';
const VOTES = 'POST /v1/approvals/run-7.9/votes';
const vote = ['approvals', 'approve', 'run-7.9', '--reason', 'checked'];

test('the list says what waits for whom, and the exact command that approves the first', async () => {
  server.on('GET /v1/approvals?status=pending&role=lead', [200, { items: [approval] }]);
  const { code, out } = await run(server.url, ['approvals', 'list', '--role', 'lead'], { now });
  expect(code).toBe(0);
  expect(out).toMatch(/run-7\.9\s+pending\s+0 of 1\s+lead\s+ada\s+in 4 h\s+refunds\.create/);
  expect(out).toContain('./interlock approvals approve run-7.9 --reason "..."');
});

test('an empty inbox is said in words, and every status can be asked for', async () => {
  server.on('GET /v1/approvals?status=pending', [200, { items: [] }]);
  server.on('GET /v1/approvals', [200, { items: [{ ...approval, status: 'denied' }] }]);
  expect((await run(server.url, ['approvals', 'list'])).out).toContain('Nothing waits for people.');
  expect((await run(server.url, ['approvals', 'list', '--status', 'all'])).out).toContain('denied');
  expect((await run(server.url, ['approvals', 'list', '--status', 'lost'])).code).toBe(2);
});

test('one approval is shown with the whole of what a vote is for, whatever the width', async () => {
  const long = 'x'.repeat(300);
  const call = callWith({ body: long, trick: '\u202egnp.exe\u009b2J' });
  server.on(APPROVAL, [200, { ...approval, ...call }]);
  const look = { columns: 40, colour: false };
  const { out } = await run(server.url, ['approvals', 'show', 'run-7.9'], { now, look });
  expect(out).toContain(long);
  expect(out).not.toMatch(/[\u202e\u009b]/u);
  expect(out).toContain(`./interlock approvals deny run-7.9 --reason "..." --call-hash ${call.callHash}`);
});

test('what is shown of a call is the call: whatever nobody would see is escaped, and nothing is replaced', async () => {
  const given = {
    to: 'char\u200bity\u202eyrollam',
    blanks: 'a\u00a0b\u3164c\u2028d',
    tags: '\u{e006d}\u{e0061}',
    screen: '\u001b[2J\u009b',
    words: 'Grüße, 訂單 🙂',
  };
  server.on(APPROVAL, [200, { ...approval, ...callWith(given) }]);
  const { out } = await run(server.url, ['approvals', 'show', 'run-7.9'], { now });
  expect(out).not.toMatch(/(?!\n)[\p{C}\p{Default_Ignorable_Code_Point}\u00a0\u2028]/u);
  expect(JSON.parse(/^ {2}\{\n[\s\S]*?^ {2}\}$/m.exec(out)?.[0] ?? '')).toEqual(given);
  expect(out).toContain(given.words);
});

test('of arguments that are kept outside of the log hash and size are shown, which a vote is for, and where they are', async () => {
  const stored = { hash: 'a'.repeat(64), size: 1_061_234, type: 'application/json' } as const;
  const call = callWith(byReference(stored));
  server.on(APPROVAL, [200, { ...approval, ...call }]);
  const { out } = await run(server.url, ['approvals', 'show', 'run-7.9'], { now });
  expect(out).toContain(`1061234 bytes: GET /v1/runs/run-7/values/${stored.hash}`);
  expect(out).toContain(`--call-hash ${call.callHash}`);
});

test('a call that a model led to says so in words, with the step, the model and the plan', async () => {
  const influencedBy = [{ step: 'decide', level: 'assisted', model: 'openai/planner-1', plan: 'run-7/4' }];
  const action = { ...approval.action, influencedBy };
  server.on('GET /v1/approvals/run-7.9', [200, { ...approval, action }]);
  const look = { columns: 200, colour: false };
  const { out } = await run(server.url, ['approvals', 'show', 'run-7.9'], { now, look });
  expect(out).toMatch(
    /led to by +what openai\/planner-1 proposed in step decide \(assisted, plan run-7\/4\)/,
  );
  server.on('GET /v1/approvals/run-7.9', [200, approval]);
  expect((await run(server.url, ['approvals', 'show', 'run-7.9'], { now, look })).out).not.toContain(
    'led to by',
  );
});

test.each([
  ['approve', { ...approval, required: 'dual', missing: 1 }, '1 of 2 have approved, 1 more person has to'],
  ['approve', { ...approval, status: 'granted', missing: 0 }, 'The approval is granted.'],
  ['deny', { ...approval, status: 'denied', missing: 0 }, 'The approval is denied.'],
])('a vote is sent with its reason, and what became of it is told: %s', async (kind, answer, outcome) => {
  server.on(VOTES, [202, answer]);
  const { code, out } = await run(server.url, ['approvals', kind, 'run-7.9', '--reason', 'checked']);
  expect([code, server.sent(VOTES)]).toEqual([
    0,
    [{ vote: kind, callHash: approval.callHash, reason: 'checked', commandId: expect.any(String) }],
  ]);
  expect(out).toContain(outcome);
});

test('a vote needs a reason', async () => {
  expect((await run(server.url, ['approvals', 'approve', 'run-7.9'])).code).toBe(2);
  expect((await run(server.url, ['approvals', 'approve', 'run-7.9', '--reason', ''])).code).toBe(2);
  expect(server.asked).toEqual([]);
});

test.each([
  [401, 'The token has expired.', 'INTERLOCK_TOKEN=$(./interlock token'],
  [403, 'Only lead may vote on this.', './interlock token --sub NAME --role ROLE'],
  [404, 'There is no approval run-7.9.', './interlock approvals list'],
  [409, 'This approval is granted already.', './interlock approvals show run-7.9'],
  [429, 'Too many requests.', 'Wait a moment'],
  [503, 'Not ready.', './interlock doctor'],
])('a refusal with %i says why and what to do, and ends with 1', async (status, detail, advice) => {
  server.on(VOTES, refusal(status, detail));
  const { code, error } = await run(server.url, vote);
  expect(code).toBe(1);
  expect(error).toContain(detail);
  expect(error).toContain(advice);
});

test('the token comes from --token, else from INTERLOCK_TOKEN, and is in no help', async () => {
  server.on(VOTES, [202, approval]);
  const environment = { INTERLOCK_TOKEN: 'from-environment' };
  await run(server.url, vote, { environment });
  await run(server.url, [...vote, '--token', 'from-option'], { environment });
  await run(server.url, vote);
  const votes = server.asked.filter(({ call }) => call === VOTES);
  expect(votes.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer from-environment',
    'Bearer from-option',
    undefined,
  ]);
  expect((await run(server.url, ['approvals', 'list', '--help'], { environment })).out).not.toContain(
    'from-',
  );
  expect((await run(server.url, [...vote, '--token', 'two words'])).code).toBe(2);
});

describe('a server that shows another call than people are asked about', () => {
  const { action } = approval;
  const charity = { orderId: 'charity', amountCents: 5 };
  const question = { question: 'Is it known?', details: { customer: 'cus-1' } };
  const asked = {
    runId: 'run-7',
    path: 'refund',
    generation: 1,
    salt: 'a-salt-of-128-bits-0_0',
    ...question,
  };

  test.each([
    ['other arguments', { action: { ...action!, arguments: charity } }],
    ['other arguments, also where the hash is explained', withHashed({ arguments: charity }, charity)],
    ['another step', { step: 'thank' }],
    ['another tool', { action: { ...action!, tool: 'charity.give' } }],
    [
      'a tool that nobody has published',
      { ...withHashed({ toolHash: 'f'.repeat(64) }), callHash: 'made up' },
    ],
    ['no explanation of its hash', { action: { ...action!, hashed: undefined } }],
    ['another question', { action: undefined, ...question, hashed: asked, question: 'Is it paid?' }],
    ['another run', { runId: 'run-8' }],
  ])('is found out, and nobody votes: %s', async (_what, change) => {
    server.on(APPROVAL, [200, { ...approval, ...change }]);
    server.on('GET /v1/approvals?status=pending', [200, { items: [{ ...approval, ...change }] }]);
    const shown = await run(server.url, ['approvals', 'show', 'run-7.9'], { now });
    expect([shown.code, shown.out]).toEqual([1, expect.stringContaining('Do not vote on this')]);
    expect(shown.out).not.toContain('approvals approve');
    for (const kind of ['approve', 'deny']) {
      const { code, out } = await run(server.url, ['approvals', kind, 'run-7.9', '--reason', 'checked']);
      expect([code, out]).toEqual([1, expect.stringContaining('You have not voted')]);
    }
    expect((await run(server.url, ['approvals', 'list'], { now })).out).toContain('FALSE');
    expect(server.sent(VOTES)).toEqual([]);
  });

  function withHashed(change: object, args = action!.arguments) {
    return { action: { ...action!, arguments: args, hashed: { ...action!.hashed, ...change } } };
  }

  test('a question that is what its hash says is voted on', async () => {
    const callHash = questionHashOf(asked);
    server.on(APPROVAL, [
      200,
      { ...approval, action: undefined, ...question, hashed: asked, step: 'refund', callHash },
    ]);
    server.on(VOTES, [202, approval]);
    expect((await run(server.url, vote)).code).toBe(0);
    expect(server.sent(VOTES)).toMatchObject([{ vote: 'approve', callHash, reason: 'checked' }]);
  });

  test('a vote on what was shown before is not given to what is shown now', async () => {
    server.on(APPROVAL, [200, { ...approval, ...callWith(charity) }]);
    const { code, out } = await run(server.url, [...vote, '--call-hash', approval.callHash]);
    expect([code, out]).toEqual([1, expect.stringContaining('You have not voted: its hash is')]);
    expect(server.sent(VOTES)).toEqual([]);
  });
});
