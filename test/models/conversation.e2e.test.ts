import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkSigned, signedHeaders } from '@interlock/authority';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { newPlace } from '../e2e/place.ts';
import type { Run } from '../e2e/system.client.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { tokenOf } from '../e2e/tokens.ts';
import type { Asked } from './asked.ts';
import { type ModelServer, startModelServer } from './model.server.ts';
import * as reply from './reply.ts';

const MODEL = 'local/planner-1';
const KILLS = 4;
const SECRET = 'the secret of the customer desk';

let place: Awaited<ReturnType<typeof newPlace>>;
let server: ModelServer;
let crm: Server;
/** What the system behind the hook was told. */
const told: { headers: IncomingHttpHeaders; body: string }[] = [];
beforeAll(async () => {
  place = await newPlace('conversation');
  server = await startModelServer(answering);
  crm = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    told.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(told.length < 2 ? 503 : 204).end();
  }).listen(0, '127.0.0.1');
  await once(crm, 'listening');
});
afterAll(async () => {
  await server.stop();
  crm.closeAllConnections();
  crm.close();
  await place.remove();
});

/** Asks once, and gives what it was answered. */
function answering({ asked }: Asked): reply.Reply {
  const [known] = asked;
  if (known === undefined) return reply.question('Which size do you want?');
  return reply.output({ size: Number(/\d+/.exec(known.answer ?? '')?.[0] ?? -1) });
}

const start = () =>
  startSystem({
    dataDir: place.directory,
    environment: {
      INTERLOCK_MODULES: 'test/models/asking.module.ts',
      INTERLOCK_MODEL: MODEL,
      INTERLOCK_MODEL_URL: server.url,
      INTERLOCK_MODEL_PRICES: '0,0',
      INTERLOCK_AUTONOMY: 'assisted',
      HOOK_URL: `http://127.0.0.1:${(crm.address() as AddressInfo).port}/`,
      CRM_SECRET: SECRET,
    },
  });

const questionIn = ({ waitingFor = [] }: Run) => waitingFor.find(({ question }) => question)?.question;

async function asked({ client }: SystemProcess, runId: string) {
  let run = await client.run(runId);
  await eventually('the question', async () => {
    run = await client.run(runId);
    return questionIn(run) !== undefined;
  });
  return { run, question: questionIn(run)! };
}

/** What somebody without any role answers. */
async function answer({ client }: SystemProcess, runId: string, sub: string, body: object, key = sub) {
  const authorization = `Bearer ${await tokenOf(client.keys, { sub, roles: [] })}`;
  const headers = { authorization, 'idempotency-key': key };
  return client.post<{ code?: string }>(`/v1/runs/${runId}/commands`, { type: 'reply', ...body }, headers);
}

const typesOf = async ({ client }: SystemProcess, runId: string) =>
  (await client.events(runId)).map(({ type }) => type).filter((type) => type.startsWith('question.'));

test(`a question waits for its customer through ${KILLS} times kill -9, takes one answer from them, and none from another`, async () => {
  let system = await start();
  const { runId } = await system.client.start('shoe-desk', { customer: 'carla' });
  const { question, run } = await asked(system, runId);
  expect([run.status, question]).toMatchObject([
    'waiting',
    { to: 'carla', channel: 'signal', text: 'Which size do you want?' },
  ]);
  for (let kill = 1; kill < KILLS; kill += 1) {
    expect(await system.stop('SIGKILL')).toBe('SIGKILL');
    system = await start();
    expect((await asked(system, runId)).question).toEqual(question);
  }
  const said = { question: question.id, text: 'Size 42, please' };
  const mallory = await answer(system, runId, 'mallory', said);
  expect([mallory.status, mallory.body.code]).toEqual([403, 'question.person']);
  expect((await answer(system, runId, 'carla', said)).status).toBe(202);
  expect(await system.stop('SIGKILL')).toBe('SIGKILL');

  system = await start();
  const done = await system.client.settled(runId);
  expect(done).toMatchObject({ status: 'completed', output: { size: 42 } });
  const again = await answer(system, runId, 'carla', said);
  expect(again.status).toBe(202);
  const second = await answer(system, runId, 'carla', { ...said, text: 'Size 43' }, 'another');
  expect([second.status, second.body.code]).toEqual([409, 'run.ended']);
  expect(await typesOf(system, runId)).toEqual(['question.asked', 'question.answered']);
  await system.stop();
  expect(server.broken).toEqual([]);
});

test('an answer to an earlier question is none to the next, and what is forbidden to ask is not asked', async () => {
  const system = await start();
  server.script = ({ asked }) =>
    asked.length === 0 ? reply.question('Which size?') : reply.question('Which colour?');
  const { runId } = await system.client.start('shoe-desk', { customer: 'dora' });
  const first = await asked(system, runId);
  await answer(system, runId, 'dora', { question: first.question.id, text: '42' });
  await eventually('the next question', async () => (await typesOf(system, runId)).length === 3);
  const late = await answer(system, runId, 'dora', { question: first.question.id, text: '43' }, 'late');
  expect([late.status, late.body.code]).toEqual([409, 'question.not_open']);
  server.script = () => reply.output({ size: 42 });
  const next = await asked(system, runId);
  expect(next.question.text).toBe('Which colour?');
  const operator = await system.client.post(`/v1/runs/${runId}/commands`, {
    type: 'reply',
    question: next.question.id,
    text: 'told on the phone: blue',
  });
  expect(operator.status).toBe(202);
  expect(await system.client.settled(runId)).toMatchObject({ status: 'completed' });

  const token = `ghp_${'a1B2'.repeat(9)}`;
  server.script = () => reply.question(`Is this yours: ${token}?`);
  const { runId: forbidden } = await system.client.start('shoe-desk', { customer: 'dora' });
  expect(await system.client.settled(forbidden)).toMatchObject({ status: 'completed', output: { size: 0 } });
  expect(await typesOf(system, forbidden)).toEqual([]);
  await system.stop();
});

test('a question leaves signed to the system behind a hook through kill -9, and comes back once by a signed event', async () => {
  server.script = answering;
  let system = await start();
  const { runId } = await system.client.start('shoe-hotline', { customer: 'cus-7' });
  await eventually('the hook to be asked', () => told.length > 0);
  expect(await system.stop('SIGKILL')).toBe('SIGKILL');
  system = await start();
  await eventually('the hook to be asked again', () => told.length > 1);
  const ids = new Set(told.map(({ headers }) => headers['webhook-id']));
  expect(ids.size).toBe(1);
  const { headers, body } = told[0]!;
  checkSigned(signedAs(headers, body), SECRET, Date.now(), 300_000);
  const { type, data } = JSON.parse(body);
  expect([type, data]).toMatchObject([
    'run.asked',
    { runId, question: { to: 'cus-7', text: 'Which size do you want?' } },
  ]);

  const event = { run: runId, question: data.question.id, text: 'Size 42' };
  const forged = await fire(system, event, 'another secret entirely');
  expect(forged.status).toBe(401);
  const customer = await answer(system, runId, 'cus-8', { question: data.question.id, text: 'Size 1' });
  expect(customer.body.code).toBe('question.person');
  const taken = await fire(system, event);
  expect([taken.status, taken.body]).toMatchObject([202, { outcome: 'answered', runId }]);
  expect(await system.client.settled(runId)).toMatchObject({ output: { size: 42 } });
  expect((await fire(system, { ...event, text: 'Size 43' })).status).toBe(409);
  expect(await typesOf(system, runId)).toEqual(['question.asked', 'question.answered']);
  await system.stop();
});

const signedAs = (headers: IncomingHttpHeaders, body: string) => ({
  id: String(headers['webhook-id']),
  timestamp: String(headers['webhook-timestamp']),
  signature: String(headers['webhook-signature']),
  body: Buffer.from(body),
});

let fired = 0;
async function fire({ client }: SystemProcess, event: object, secret = SECRET) {
  const body = JSON.stringify(event);
  const headers = signedHeaders(`event-${++fired}`, Date.now(), body, secret);
  const response = await fetch(`${client.url}/v1/triggers/crm`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, body: await response.json() };
}
