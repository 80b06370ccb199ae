import { beforeEach, expect, test } from 'vitest';
import * as reply from '../../../test/models/reply.ts';
import { RunnerHarness } from '../test/asking.js';
import { PlanScenario } from './plan.scenario.js';

const by = { stopId: 'stop-1', number: 1, reason: 'the model lies' };
let scenario: PlanScenario;
beforeEach(() => {
  scenario = new PlanScenario();
});

test('a request that a stop covers fails without a model being asked, and names the stop', () => {
  scenario.standing = { kind: 'stopped', by };
  const asked = scenario.ask();
  scenario.take(asked);
  expect(scenario.take(scenario.verdict(asked))).toEqual([expect.stringContaining('planner.stopped')]);
  expect(scenario.written).toMatchObject([{ called: false, stop: by }]);
  expect([scenario.started, scenario.deferred]).toEqual([[], []]);
});

test('a request waits while it is unknown what is stopped', () => {
  scenario.standing = { kind: 'unknown' };
  const asked = scenario.ask();
  scenario.take(asked);
  expect(scenario.take(scenario.verdict(asked))).toEqual([]);
  scenario.standing = { kind: 'free' };
  expect(scenario.due(2_000)).toEqual(['plan.attempt_started']);
});

test('a stop that comes before the request has its turn is still obeyed', async () => {
  const model = await RunnerHarness.open(() => {
    throw new Error('nobody may ask');
  });
  const { outcome } = await model.ask({ standings: [{ kind: 'stopped', by }] });
  expect(outcome).toMatchObject({ kind: 'failed', called: false, stop: by });
  await model.server.stop();
});

test('a request that has its turn waits until it is known again what is stopped', async () => {
  const model = await RunnerHarness.open(() => reply.error(500));
  const unknown = { kind: 'unknown' } as const;
  const { outcome } = await model.ask({ standings: [unknown, unknown, { kind: 'free' }] });
  expect(outcome).toMatchObject({ kind: 'failed', called: true });
  await model.server.stop();
});

test('a request of which it stays unknown whether it is stopped is not made', async () => {
  const model = await RunnerHarness.open(() => {
    throw new Error('nobody may ask');
  });
  const { outcome } = await model.ask({ standings: [{ kind: 'unknown' }], timeoutMs: 200 });
  expect(outcome).toMatchObject({ called: false, failure: { code: 'planner.stops_unknown' } });
  await model.server.stop();
});
