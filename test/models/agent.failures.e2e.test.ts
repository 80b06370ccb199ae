import { join } from 'node:path';
import { planEvents } from '@interlock/contracts';
import type { RunEvent } from '@interlock/contracts/http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { newPlace } from '../e2e/place.ts';
import { acceptedOf, readStoredLog } from '../e2e/stored.log.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { type ModelServer, type Script, startModelServer } from './model.server.ts';
import * as reply from './reply.ts';

/** The whole system in one process, with a model that acts under approval and another one to fall back to. */
let place: Awaited<ReturnType<typeof newPlace>>;
let model: ModelServer;
beforeEach(async () => {
  place = await newPlace('agent-failures');
  model = await startModelServer(() => reply.hung);
});
afterEach(async () => {
  await model.stop();
  await place.remove();
});

const dataDir = () => join(place.directory, 'data');
const start = () =>
  startSystem({
    dataDir: dataDir(),
    environment: {
      INTERLOCK_MODULES: 'test/e2e/telemetry.agents.module.ts',
      INTERLOCK_DEMO: '0',
      INTERLOCK_AUTONOMY: 'assisted',
      INTERLOCK_MODEL: 'local/first',
      INTERLOCK_MODEL_FALLBACK: 'local/second',
      INTERLOCK_MODEL_URL: model.url,
      INTERLOCK_MODEL_PRICES: '1,4',
      INTERLOCK_MODEL_TOKENS_MAX: '20000',
    },
  });

const STEP_TOKENS = 400_000;
const decided = { outcome: 'refund', amount: 1, note: 'as the model says' };
const byRules = { outcome: 'decline', amount: 0, note: 'by the rules' };

const eventsOf = ({ client }: SystemProcess, runId: string) => client.events(runId);
const only = (events: readonly RunEvent[], type: string) =>
  events.filter((event) => event.type === type).map(({ data }) => data);
// biome-ignore lint/suspicious/noExplicitAny: data of one type, looked at by tests
const recordedIn = (events: readonly RunEvent[]): any[] => only(events, 'plan.recorded');

async function worked(system: SystemProcess, script: Script) {
  model.script = script;
  const { runId } = await system.client.start('ask-desk', { id: 'ord-1' });
  const run = await system.client.settled(runId);
  return { run, events: await eventsOf(system, runId) };
}

test('kill -9 of everything while a model thinks: the whole reservation is charged, and that question is not asked again', async () => {
  const first = await start();
  const { runId } = await first.client.start('ask-desk', { id: 'ord-1' });
  await eventually('the model to be asked', () => model.asked.length === 1);
  await first.stop('SIGKILL');
  model.script = () => reply.output(decided);
  const second = await start();
  const run = await second.client.settled(runId);
  expect(run).toMatchObject({ status: 'completed', output: decided });
  const events = await eventsOf(second, runId);
  const requests = events.filter(({ type }) => type === 'plan.requested');
  const [lost, answered, ...more] = recordedIn(events);
  expect(more).toEqual([]);
  expect(lost).toMatchObject({
    planId: `${runId}/${requests[0]?.seq}`,
    outcome: { kind: 'failed', failure: { class: 'outcome_unknown', code: 'planner.crashed' } },
    charged: requests[0]?.data.reserved,
  });
  expect(lost).not.toHaveProperty('usage');
  expect(answered).toMatchObject({ planId: `${runId}/${requests[1]?.seq}`, outcome: { kind: 'proposed' } });
  expect(answered.charged.tokens).toBe(answered.usage.inputTokens + answered.usage.outputTokens);
  expect(model.asked).toHaveLength(2);
  await second.stop();
  const said = acceptedOf(await readStoredLog(dataDir()), planEvents.name).map(({ type, data }) => [
    type,
    data.planId,
  ]);
  expect(said.filter(([type]) => type === 'plan.attempt_started')).toEqual([
    ['plan.attempt_started', lost.planId],
    ['plan.attempt_started', answered.planId],
  ]);
});

test('a model that cannot answer: the other one does, then the rules do, and what nobody knows is charged in full', async () => {
  const system = await start();

  const empty = await worked(system, ({ body }) =>
    body.model === 'first' ? reply.noQuota() : reply.output(decided),
  );
  expect(empty.run).toMatchObject({ status: 'completed', output: decided });
  expect(recordedIn(empty.events)).toMatchObject([
    { model: 'local/first', charged: { tokens: 0, costUsd: 0 } },
    { model: 'local/second', outcome: { kind: 'proposed' } },
  ]);

  const refusing = await worked(system, () => reply.refusal('no'));
  expect(refusing.run).toMatchObject({ status: 'completed', output: byRules });
  expect(only(refusing.events, 'agent.fell_back')).toMatchObject([{ failure: { code: 'model.refused' } }]);

  const broken = await worked(system, () => reply.error(500));
  expect(broken.run).toMatchObject({ status: 'completed', output: byRules });
  const requests = only(broken.events, 'plan.requested');
  const charges = recordedIn(broken.events).map(({ charged }) => charged);
  expect(charges.length).toBeGreaterThan(3);
  expect(charges).toEqual(requests.map(({ reserved }) => reserved));
  expect(charges.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(STEP_TOKENS);

  const unsure = await worked(system, () => reply.output(decided, { confidence: 0.1 }));
  expect(unsure.run).toMatchObject({ status: 'completed', output: byRules });

  const wrong = await worked(system, () => reply.output({ outcome: 'all of it' }));
  expect(wrong.run).toMatchObject({ status: 'completed', output: byRules });

  const unlisted = await worked(system, ({ observed }) =>
    observed.length === 0 ? reply.call('ledger.pay', { amount: 1_000_000 }) : reply.output(decided),
  );
  expect(only(unlisted.events, 'agent.observed')).toMatchObject([
    { observation: { tool: 'ledger.pay', result: 'unlisted' } },
  ]);
  expect(only(unlisted.events, 'call.requested')).toEqual([]);
  expect(model.broken).toEqual([]);
  await system.stop();
});
