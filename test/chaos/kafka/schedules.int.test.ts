import { setTimeout as after } from 'node:timers/promises';
import { signedHeaders } from '@interlock/authority';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTicking, expectEachOnce, pauseUpToDate, untilAround } from '../schedule.check.ts';
import { KafkaSystem } from './kafka.system.ts';

const KILLS = Number(process.env.KAFKA_SCHEDULE_KILLS ?? 4);
const SECRET = 'the secret of the shop';

let system: KafkaSystem;
beforeAll(async () => {
  system = await KafkaSystem.start({
    ledgerPauseMs: 5,
    apart: ['orchestrator'],
    environment: {
      INTERLOCK_MODULES: 'test/chaos/ledger.module.ts,test/chaos/kafka/paid.module.ts',
      SHOP_SECRET: SECRET,
    },
  });
});
afterAll(() => system.stop());

let messages = 0;
async function fire(order: string, secret = SECRET): Promise<{ status: number; runId?: string }> {
  const body = JSON.stringify({ order });
  const headers = signedHeaders(`msg-${++messages}`, Date.now(), body, secret);
  const response = await fetch(`${system.client.url}/v1/triggers/paid`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, ...((await response.json()) as { runId?: string }) };
}

test('an event that is signed starts one run, by the word of the orchestrator and not of the gateway', async () => {
  const first = await fire('ord-1');
  expect(first.status).toBe(202);
  expect(await fire('ord-1')).toEqual(first);
  expect((await fire('ord-2', 'another secret')).status).toBe(401);
  expect(await system.client.settled(first.runId ?? '')).toMatchObject({
    status: 'completed',
    input: { entry: 'ord-1' },
  });
});

test('an event that is on its way while its trigger gets another key starts its run all the same', async () => {
  await system.takeAway('orchestrator');
  const first = await fire('ord-3');
  expect(first.status).toBe(202);
  const document = {
    secret: 'SHOP_SECRET',
    key: '"again-" + event.order',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what triggers hold is an expression
    does: { start: { workflow: 'ledger-keyed', input: { entry: '${event.order}' } } },
  };
  const next = { kind: 'trigger', name: 'paid', version: 2, document };
  expect((await system.client.post('/v1/artifacts', next)).status).toBe(201);
  await system.bringBack('orchestrator');
  expect(await system.client.settled(first.runId ?? '')).toMatchObject({
    status: 'completed',
    input: { entry: 'ord-3' },
  });
  const set = await system.client.get<{ items: unknown[] }>('/v1/quarantine?service=orchestrator');
  expect(set.body.items).toEqual([]);
});

test(`every due time starts exactly one run, although the orchestrator is killed ${KILLS} times around them`, {
  timeout: 420_000 + KILLS * 30_000,
}, async () => {
  const anchors = await createTicking(system.client);
  for (let kill = 0; kill < KILLS; kill++) {
    await after(untilAround(kill, anchors.get('allow') ?? 0));
    await system.service('orchestrator').kill();
    await system.ready();
  }
  for (const name of anchors.keys()) await pauseUpToDate(system.client, name);
  const report: string[] = [];
  for (const [name, anchor] of anchors) report.push(await expectEachOnce(system.client, name, anchor));
  const ended = await Promise.all(
    (await system.client.runs()).map(({ runId }) => system.client.settled(runId)),
  );
  expect(ended.filter(({ status }) => status !== 'completed')).toEqual([]);
  console.log(`${KILLS} kills on Kafka; ${report.join('; ')}`);
});
