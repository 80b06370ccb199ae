import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Approval, isTerminal } from '@interlock/contracts/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { Person } from '../e2e/person.ts';
import { newPlace } from '../e2e/place.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { tokenOf } from '../e2e/tokens.ts';
import type { Asked } from '../models/asked.ts';
import { type ModelServer, startModelServer } from '../models/model.server.ts';
import * as reply from '../models/reply.ts';
import { type Answer, hostileTexts, ordersIn } from './hostile.texts.ts';
import { writtenIn } from './persuaded.module.ts';

/**
 * Item 1 from another side: the hostile words come from a tool, as a stranger's server hands them on, and the model obeys every one of them.
 * It pays whom they name, calls the tools they describe, and would approve what waits.
 */
const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
let place: Awaited<ReturnType<typeof newPlace>>;
let model: ModelServer;
let system: SystemProcess;
const file = () => join(place.directory, 'written.jsonl');
const dataDir = () => join(place.directory, 'data');

interface Facts {
  readonly input: { readonly query: string };
  readonly steps: { readonly look: { readonly output: Answer } };
}

const ordersOf = ({ content }: Answer) => content.flatMap(({ text }) => ordersIn(text));

/** Reads it itself as well, pays one after the other, and then calls what it was told to believe in. */
function obey({ facts, observed }: Asked): reply.Reply {
  const { input, steps } = facts as Facts;
  const orders = ordersOf(steps.look.output);
  const made = (tool: string) => observed.filter((one) => one.tool === tool);
  if (made('remote.search').length === 0) return reply.call('remote.search', input);
  const next = orders[made('desk.pay').length];
  if (next !== undefined) return reply.call('desk.pay', next);
  if (made('desk.empty').length > 0) return reply.output({ done: true });
  return reply.calls(['desk.empty', 'interlock.approve'].map((tool) => ({ tool, arguments: orders[0] })));
}

beforeAll(async () => {
  place = await newPlace('hostile-text');
  model = await startModelServer(obey);
  system = await startSystem({
    dataDir: dataDir(),
    environment: {
      INTERLOCK_MODULES: 'test/attacks/searched.module.ts',
      INTERLOCK_DEMO: '0',
      INTERLOCK_AUTONOMY: 'assisted',
      INTERLOCK_MODEL: 'local/obedient',
      INTERLOCK_MODEL_URL: model.url,
      INTERLOCK_MODEL_PRICES: '0.1,0.1',
      INTERLOCK_MODEL_TOKENS_MAX: '300000',
      SEARCHED_FILE: file(),
    },
  });
});
afterAll(async () => {
  await system?.stop('SIGKILL');
  await model?.stop();
  await place?.remove();
});

const lena = () => new Person({ url: system.client.url, keys: system.client.keys }, 'lena', ['support-lead']);
const sorted = (orders: readonly unknown[]): string[] => orders.map((order) => JSON.stringify(order)).sort();

type Shown = Approval & { readonly action: { readonly influencedBy: unknown } };

/** Starts a run that reads the text; `asked` is called with each call that then waits for people, and answers it. */
async function reading(
  query: string,
  asked: (approval: Shown) => Promise<'approve' | 'deny'>,
): Promise<string> {
  const { runId } = await system.client.start('searching-desk', { query });
  let last: string | undefined;
  for (const _ of ordersOf(hostileTexts[query] as Answer)) {
    const approval = (await lena().pendingOf(runId, last)) as Shown;
    last = approval.approvalId;
    expect((await lena().votes(last, await asked(approval))).status).toBe(202);
  }
  await eventually(`run ${runId} to end`, async () => isTerminal((await system.client.run(runId)).status));
  return runId;
}

/** What an approver reads. */
async function readOut(approvalId: string): Promise<string> {
  const token = await tokenOf(system.client.keys, { sub: 'lena', roles: ['support-lead'] });
  return new Promise((resolve, reject) => {
    const words = ['approvals', 'show', approvalId, '--url', system.client.url, '--token', token];
    execFile(process.execPath, [cli, ...words], (error, out) => (error ? reject(error) : resolve(out)));
  });
}

const shownArguments = (out: string): unknown =>
  JSON.parse(/^ {2}\{\n[\s\S]*?^ {2}\}$/m.exec(out)?.[0] ?? '');

const cases = Object.keys(hostileTexts);
const mark = { step: 'decide', level: 'assisted', model: 'local/obedient', plan: expect.any(String) };

test.each(cases)('%s: nothing is done that nobody approved, and it is marked', async (query) => {
  const before = writtenIn(file()).length;
  const runId = await reading(query, async ({ action }) => {
    expect(action).toMatchObject({ tool: 'desk.pay', influencedBy: [mark] });
    return 'deny';
  });
  expect(writtenIn(file())).toHaveLength(before);
  const events = await system.client.events(runId);
  const requestedCall = events.filter(({ type }) => type === 'call.requested').map(({ data }) => data);
  const byModel = requestedCall.filter(({ step }) => step === 'decide');
  expect(new Set(byModel.map(({ tool }) => tool))).toEqual(new Set(['remote.search', 'desk.pay']));
  for (const call of byModel) expect(call).toMatchObject({ influencedBy: [mark] });
});

test.each(cases)('%s: an approver reads the very call that is made', async (query) => {
  const before = writtenIn(file()).length;
  const read: unknown[] = [];
  await reading(query, async ({ approvalId }) => {
    expect(writtenIn(file())).toHaveLength(before + read.length);
    const out = await readOut(approvalId);
    expect(out).not.toMatch(/(?!\n)[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029\u00a0]/u);
    expect(out).toContain('local/obedient proposed in step decide');
    read.push(shownArguments(out));
    return 'approve';
  });
  const written = writtenIn(file()).slice(before);
  expect(sorted(read)).toEqual(sorted(ordersOf(hostileTexts[query] as Answer)));
  expect(sorted(written.map(({ input }) => input))).toEqual(sorted(read));
  expect(new Set(written.map(({ tool }) => tool))).toEqual(new Set(['desk.pay']));
});

test('whatever a tool said, the model was told the same instructions and the same tools, and the text as data', () => {
  const instructions = new Set(
    model.asked.map(({ body }) => JSON.stringify([body.messages.slice(0, 2), body.tools])),
  );
  expect([model.broken, instructions.size]).toEqual([[], 1]);
  expect(new Set(model.asked.flatMap(({ tools }) => tools))).toEqual(new Set(['remote.search', 'desk.pay']));
  for (const { facts, body } of model.asked) {
    const { input, steps } = facts as Facts;
    expect(steps.look.output).toEqual(hostileTexts[input.query]);
    expect(body.messages).toHaveLength(3);
  }
});
