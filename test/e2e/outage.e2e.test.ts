import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errandsIn, LIMIT_MS } from './errands.module.ts';
import { eventually } from './eventually.ts';
import { violationsIn } from './log.check.ts';
import { newPlace } from './place.ts';
import { acceptedOf, readStoredLog } from './stored.log.ts';
import { type SystemProcess, startSystem } from './system.process.ts';

const RUNS_OF_EACH = 5;
const workflows = ['read-in-step-time', 'write-in-step-time', 'read-in-run-time', 'write-in-run-time'];

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('outage');
});
afterAll(() => place.remove());

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

test('after an outage, results that lay unread count although their timeouts fell due in it, and so does a signal that was accepted before its deadline', async () => {
  const before = await start('registry', 'orchestrator', 'policy', 'gateway');
  const startedAt = Date.now();
  const inputs = workflows.flatMap((workflow) =>
    Array.from({ length: RUNS_OF_EACH }, (_, index) => ({ workflow, id: `${workflow}-${index}` })),
  );
  const runs = await Promise.all(
    inputs.map(({ workflow, id }) => before.client.start(workflow, { id, pauseMs: 10 })),
  );
  const signalled = await before.client.start('signalled', {});
  const unanswered = await before.client.start('signalled', {});
  await Promise.all(
    runs.map(({ runId }) =>
      eventually(`run ${runId} to be allowed`, async () =>
        (await before.client.events(runId)).some(({ type }) => type === 'verdict.recorded'),
      ),
    ),
  );
  await eventually('the waits to start', async () => {
    const waiting = [await before.client.run(signalled.runId), await before.client.run(unanswered.runId)];
    return waiting.every(({ status }) => status === 'waiting');
  });
  expect(errandsIn(errands())).toEqual([]);
  await before.stop('SIGKILL');

  const entrance = await start('registry', 'policy', 'tool-executor', 'gateway');
  const command = { type: 'signal', name: 'go', data: { by: 'outage' }, reason: 'test' };
  expect((await entrance.client.post(`/v1/runs/${signalled.runId}/commands`, command)).status).toBe(202);
  await eventually('every errand to be run', () => errandsIn(errands()).length === runs.length);
  expect(Date.now() - startedAt, 'the machine is too slow for this test').toBeLessThan(LIMIT_MS);
  await entrance.stop();
  const log = await readStoredLog(dataDir());
  const unread = acceptedOf(log, 'tool.events').filter(({ type }) => type === 'tool.succeeded');
  expect(unread).toHaveLength(runs.length);
  expect(acceptedOf(log, 'run.events').filter(({ type }) => type === 'call.recorded')).toEqual([]);
  await untilLimitHasPassed(startedAt);

  const whole = await start();
  const ended = await Promise.all(
    [...runs, signalled, unanswered].map(({ runId }) => whole.client.settled(runId)),
  );
  const told = ended.map(({ workflow, status, failure }) => ({
    workflow: workflow.name,
    status,
    code: failure?.code,
  }));
  expect(told).toEqual([
    ...inputs.map(({ workflow }) => ({ workflow, status: 'completed', code: undefined })),
    { workflow: 'signalled', status: 'completed', code: undefined },
    { workflow: 'signalled', status: 'failed', code: 'wait.deadline' },
  ]);
  await whole.stop();
  expect(violationsIn(await readStoredLog(dataDir()))).toEqual([]);
  expect(errandsIn(errands())).toHaveLength(runs.length);
  console.log(
    `${unread.length} results lay unread past their timeouts: ${runs.length} runs completed, 0 timeouts; a signal accepted in the outage completed its run, its twin without one ran out of time`,
  );
});
