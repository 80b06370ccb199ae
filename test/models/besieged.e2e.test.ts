import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signedHeaders } from '@interlock/authority';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { newPlace } from '../e2e/place.ts';
import type { Run } from '../e2e/system.client.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { tokenOf } from '../e2e/tokens.ts';
import { type ModelServer, startModelServer } from './model.server.ts';
import * as reply from './reply.ts';

const SECRET = 'the secret of the customer desk';

let place: Awaited<ReturnType<typeof newPlace>>;
let server: ModelServer;
let hook: Server;
let system: SystemProcess;
beforeAll(async () => {
  place = await newPlace('besieged');
  server = await startModelServer(({ asked: [known] }) =>
    known === undefined
      ? reply.question('Which size do you want?')
      : reply.output({ size: Number(/\d+/.exec(known.answer ?? '')?.[0] ?? -1) }),
  );
  hook = createServer((_request, response) => void response.writeHead(204).end()).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  system = await start();
});
afterAll(async () => {
  await system?.stop();
  await server?.stop();
  hook?.close();
  await place?.remove();
});

const start = () =>
  startSystem({
    dataDir: place.directory,
    environment: {
      INTERLOCK_MODULES: 'test/models/besieged.module.ts',
      INTERLOCK_MODEL: 'local/planner-1',
      INTERLOCK_MODEL_URL: server.url,
      INTERLOCK_MODEL_PRICES: '0,0',
      INTERLOCK_AUTONOMY: 'assisted',
      HOOK_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
      CRM_SECRET: SECRET,
    },
  });

async function asked(customer: string) {
  const { runId } = await system.client.start('shoe-hotline', { customer });
  let question: string | undefined;
  await eventually('the question', async () => {
    const { waitingFor = [] }: Run = await system.client.run(runId);
    question = waitingFor.find((wait) => wait.question !== undefined)?.question?.id;
    return question !== undefined;
  });
  return { run: runId, question: question! };
}
const typesOf = async (runId: string) =>
  (await system.client.events(runId)).map(({ type }) => type).filter((type) => type.startsWith('question.'));

let sent = 0;
interface Sent {
  readonly id?: string;
  readonly at?: number;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A signed event; a text is the body as it is. Answers with the status and what it means. */
async function fire(trigger: string, event: object | string, more: Sent = {}): Promise<string> {
  const { id = `event-${++sent}`, at = Date.now(), secret = SECRET, headers = {} } = more;
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const response = await fetch(`${system.client.url}/v1/triggers/${trigger}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signedHeaders(id, at, body, secret), ...headers },
    body,
  });
  const { code, outcome } = (await response.json()) as { code?: string; outcome?: string };
  return `${response.status} ${code ?? outcome}`;
}

async function says(sub: string, run: string, body: object, tenant?: string): Promise<number> {
  const token = await tokenOf(system.client.keys, {
    sub,
    roles: [],
    ...(tenant !== undefined && { tenant }),
  });
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': `key-${++sent}` };
  return (await system.client.post(`/v1/runs/${run}/commands`, { type: 'reply', ...body }, headers)).status;
}

test('no event that is forged, crossed, odd or of another trigger answers; the one that does, does once, also after kill -9', async () => {
  const one = await asked('cus-1');
  const two = await asked('cus-2');
  const event = { ...one, text: '41' };
  const raw = (fields: string) => `{"run":"${one.run}","question":"${one.question}",${fields}}`;
  const hour = 3_600_000;
  const refused: readonly [what: string, answer: string][] = [
    ['403 question.person', await fire('other', event)],
    ['404 unknown', await fire('acme', event)],
    ['409 question.not_open', await fire('crm', { ...event, question: two.question })],
    ['401 authority.webhook', await fire('crm', event, { at: Date.now() + hour })],
    ['401 authority.webhook', await fire('crm', event, { at: Date.now() - hour })],
    ['401 authority.webhook', await fire('crm', event, { secret: 'x'.repeat(32) })],
    ['401 authority.webhook', await fire('crm', event, { headers: { 'webhook-id': 'another' } })],
    ['422 refused', await fire('crm', one)],
    ['422 refused', await fire('crm', { ...event, text: 42 })],
    ['422 refused', await fire('crm', { ...event, text: 'x'.repeat(4_001) })],
    ['400 malformed', await fire('crm', raw('"text":"\\ud800"'))],
    ['400 malformed', await fire('crm', raw('"text":"41","__proto__":{"a":1}'))],
    ['400 malformed', await fire('crm', raw('"text":"41","text":"42"'))],
    ['400 malformed', await fire('crm', raw(`"x":${'['.repeat(9_999)}${']'.repeat(9_999)}`))],
    ['400 malformed', await fire('crm', raw('"text":"41","x":1e999'))],
    ['413 too-large', await fire('crm', { ...event, text: 'x'.repeat(1_000_000) })],
    ['413 too-large', await fire('crm', { ...event, text: 'x'.repeat(2_000_000) })],
  ];
  for (const [expected, answered] of refused) expect(answered).toBe(expected);
  const said = { question: one.question, text: '7' };
  expect(await says('mallory', one.run, said)).toBe(403);
  expect(await says('CUS-1', one.run, said)).toBe(403);
  expect(await says('cus-1', one.run, said, 'acme')).toBe(404);
  expect(await typesOf(one.run)).toEqual(['question.asked']);

  const mine = { id: 'the-one' };
  expect(await fire('crm', event, mine)).toBe('202 answered');
  expect(await system.client.settled(one.run)).toMatchObject({ output: { size: 41 } });
  await system.stop('SIGKILL');
  system = await start();
  expect(await fire('crm', event, mine)).toBe('202 answered');
  expect(await fire('crm', { ...event, text: '43' }, mine)).toBe('409 conflict');
  expect(await fire('crm', event)).toBe('409 run.ended');
  expect(await typesOf(one.run)).toEqual(['question.asked', 'question.answered']);
  await system.client.post(`/v1/runs/${two.run}/commands`, { type: 'cancel', reason: 'it rains' });
  expect(await fire('crm', { ...two, text: '1' })).toBe('409 run.ended');
});

test('of many answers at once one counts, and whoever gave it was not refused', async () => {
  for (let round = 0; round < 3; round += 1) {
    const one = await asked(`cus-${round}`);
    const said = (at: number) => ({ question: one.question, text: String(at) });
    const operator = (at: number) =>
      system.client.post(`/v1/runs/${one.run}/commands`, { type: 'reply', ...said(at) });
    const answers = await Promise.all(
      Array.from({ length: 18 }, async (_, at) => {
        if (at % 3 === 0) return Number((await fire('crm', { ...one, text: String(at) })).split(' ')[0]);
        return at % 3 === 1 ? says(`cus-${round}`, one.run, said(at)) : (await operator(at)).status;
      }),
    );
    const taken = answers.flatMap((status, at) => (status === 202 ? [at] : []));
    expect(answers.filter((status) => status !== 202 && status !== 409)).toEqual([]);
    const run = await system.client.settled(one.run);
    // Who was answered before the run had decided was told that it will.
    expect(taken).toContain(run.output?.size);
    expect(await typesOf(one.run)).toEqual(['question.asked', 'question.answered']);
  }
});
