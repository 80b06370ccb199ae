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

let place: Awaited<ReturnType<typeof newPlace>>;
let server: ModelServer;
beforeAll(async () => {
  place = await newPlace('conversation');
  server = await startModelServer(answering);
});
afterAll(async () => {
  await server.stop();
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
