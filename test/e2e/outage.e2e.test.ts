import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { isTerminal } from '@interlock/contracts/http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { errandsIn, LIMIT_MS } from './errands.module.ts';
import { eventually } from './eventually.ts';
import { violationsIn } from './log.check.ts';
import { newPlace } from './place.ts';
import { acceptedOf, readStoredLog } from './stored.log.ts';
import { type SystemProcess, startSystem } from './system.process.ts';

const RUNS_OF_EACH = 5;
const workflows = ['read-in-step-time', 'write-in-step-time', 'read-in-run-time', 'write-in-run-time'];

let place: Awaited<ReturnType<typeof newPlace>>;
beforeEach(async () => {
  place = await newPlace('outage');
});
afterEach(() => place.remove());

const errands = () => join(place.directory, 'errands.jsonl');
const dataDir = () => join(place.directory, 'data');

/** Every service, or only some of them, over the same data directory; one process after the other. */
const start = (...services: string[]): Promise<SystemProcess> =>
  startSystem({
    dataDir: dataDir(),
    environment: { INTERLOCK_MODULES: 'test/e2e/errands.module.ts', ERRANDS_FILE: errands() },
    ...(services.length === 0 ? {} : { services }),
  });

/** Nobody runs meanwhile who could tell: the limit is to fall due in the outage. */
const untilLimitHasPassed = (startedAt: number) => after(LIMIT_MS + 500 - (Date.now() - startedAt));

test('results that lay unread while their timeouts fell due are still the answers after an outage', async () => {
  const before = await start('registry', 'orchestrator', 'policy', 'gateway');
  const startedAt = Date.now();
  const inputs = workflows.flatMap((workflow) =>
    Array.from({ length: RUNS_OF_EACH }, (_, index) => ({ workflow, id: `${workflow}-${index}` })),
  );
  const runs = await Promise.all(
    inputs.map(({ workflow, id }) => before.client.start(workflow, { id, pauseMs: 10 })),
  );
  await Promise.all(
    runs.map(({ runId }) =>
      eventually(`run ${runId} to be allowed`, async () =>
        (await before.client.events(runId)).some(({ type }) => type === 'verdict.recorded'),
      ),
    ),
  );
  expect(errandsIn(errands())).toEqual([]);
  await before.stop('SIGKILL');

  const executing = await start('registry', 'policy', 'tool-executor');
  await eventually('every errand to be run', () => errandsIn(errands()).length === runs.length);
  expect(Date.now() - startedAt, 'the machine is too slow for this test').toBeLessThan(LIMIT_MS);
  await executing.stop();
  const log = await readStoredLog(dataDir());
  const unread = acceptedOf(log, 'tool.events').filter(({ type }) => type === 'tool.succeeded');
  expect(unread).toHaveLength(runs.length);
  expect(acceptedOf(log, 'run.events').filter(({ type }) => type === 'call.recorded')).toEqual([]);
  await untilLimitHasPassed(startedAt);

  const whole = await start();
  const ended = await Promise.all(runs.map(({ runId }) => whole.client.settled(runId)));
  expect(
    ended.map(({ workflow, status, failure }) => ({ workflow: workflow.name, status, failure })),
  ).toEqual(inputs.map(({ workflow }) => ({ workflow, status: 'completed', failure: undefined })));
  await whole.stop();
  expect(violationsIn(await readStoredLog(dataDir()))).toEqual([]);
  expect(errandsIn(errands())).toHaveLength(runs.length);
  console.log(
    `${unread.length} results lay unread past their timeouts: ${ended.length} runs completed, 0 timeouts`,
  );
});

test('a signal that was accepted during an outage comes before the deadline that passed in it', async () => {
  const before = await start();
  const startedAt = Date.now();
  const { runId } = await before.client.start('signalled', {});
  const unanswered = await before.client.start('signalled', {});
  await eventually('the waits to start', async () => {
    const runs = [await before.client.run(runId), await before.client.run(unanswered.runId)];
    return runs.every(({ status }) => status === 'waiting');
  });
  await before.stop('SIGKILL');

  const entrance = await start('registry', 'policy', 'gateway');
  const command = { type: 'signal', name: 'go', data: { by: 'outage' }, reason: 'test' };
  expect((await entrance.client.post(`/v1/runs/${runId}/commands`, command)).status).toBe(202);
  expect(Date.now() - startedAt, 'the machine is too slow for this test').toBeLessThan(LIMIT_MS);
  await entrance.stop();
  await untilLimitHasPassed(startedAt);

  const whole = await start();
  await eventually('both runs to end', async () => {
    const runs = [await whole.client.run(runId), await whole.client.run(unanswered.runId)];
    return runs.every(({ status }) => isTerminal(status));
  });
  const statuses = [await whole.client.run(runId), await whole.client.run(unanswered.runId)].map(
    ({ status }) => status,
  );
  await whole.stop();
  expect(statuses).toEqual(['completed', 'failed']);
  console.log('a signal accepted in the outage completed its run; its twin without one ran out of time');
});
