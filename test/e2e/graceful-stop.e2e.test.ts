import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { errandsIn } from './errands.module.ts';
import { eventually } from './eventually.ts';
import { violationsIn } from './log.check.ts';
import { newPlace } from './place.ts';
import { acceptedOf, readStoredLog } from './stored.log.ts';
import { startSystem } from './system.process.ts';

const DRAIN_MS = 4_000;
/** The signal itself, as if nothing had listened, once everything is closed; a process that died of something else has a code. */
const ENDED_WELL = 'SIGTERM';

let place: Awaited<ReturnType<typeof newPlace>>;
beforeEach(async () => {
  place = await newPlace('graceful');
});
afterEach(() => place.remove());

const errands = () => join(place.directory, 'errands.jsonl');
const options = () => ({
  dataDir: join(place.directory, 'data'),
  environment: {
    INTERLOCK_MODULES: 'test/e2e/errands.module.ts',
    ERRANDS_FILE: errands(),
    INTERLOCK_DRAIN_MS: String(DRAIN_MS),
  },
});

/** Started and allowed, so that only the executor has them now. They run at once if its processes are there: see `warmedUp`. */
const started = async (system: Awaited<ReturnType<typeof startSystem>>, pauseMs: number, count: number) => {
  const workflows = ['read', 'write'];
  const runs = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      system.client.start(workflows[index % 2] as string, { id: `errand-${pauseMs}-${index}`, pauseMs }),
    ),
  );
  for (const { runId } of runs) {
    await eventually(`run ${runId} to be allowed`, async () =>
      (await system.client.events(runId)).some(({ type }) => type === 'verdict.recorded'),
    );
  }
  return runs;
};

/** Runs that have ended: the processes that run tools have been started by them. */
async function warmedUp(system: Awaited<ReturnType<typeof startSystem>>, count: number) {
  const runs = await started(system, 500, count);
  await Promise.all(runs.map(({ runId }) => system.client.settled(runId)));
  return runs;
}

test('SIGTERM lets calls end, records them, and loses nothing', async () => {
  const first = await startSystem(options());
  const before = await warmedUp(first, 20);
  const runs = await started(first, 2_000, 20);
  const stoppingAt = performance.now();
  expect(await first.stop('SIGTERM')).toBe(ENDED_WELL);
  const stoppedAfterMs = performance.now() - stoppingAt;
  expect(first.log.map(({ msg }) => msg)).toContain('stopping: what is in progress may finish first');
  expect(stoppedAfterMs).toBeLessThan(DRAIN_MS);

  const log = acceptedOf(await readStoredLog(options().dataDir), 'tool.events');
  const counts = (type: string) => log.filter((one) => one.type === type).length;
  expect(counts('tool.succeeded')).toBe(before.length + runs.length);
  expect(counts('tool.outcome_unknown')).toBe(0);
  const written = errandsIn(errands()).filter(({ tool }) => tool === 'write');
  expect(written).toHaveLength((before.length + runs.length) / 2);

  const second = await startSystem(options());
  const ended = await Promise.all(runs.map(({ runId }) => second.client.settled(runId)));
  await second.stop();
  expect(ended.map(({ status }) => status)).toEqual(runs.map(() => 'completed'));
  expect(errandsIn(errands()).filter(({ tool }) => tool === 'write')).toEqual(written);
  expect(violationsIn(await readStoredLog(options().dataDir))).toEqual([]);
  console.log(
    `SIGTERM with ${runs.length} calls running: stopped after ${Math.round(stoppedAfterMs)} ms, all recorded`,
  );
});

test('a call that outlasts the drain is let go within it and cleared up by the next start', async () => {
  const first = await startSystem(options());
  await warmedUp(first, 4);
  const runs = await started(first, 7_000, 4);
  const stoppingAt = performance.now();
  expect(await first.stop('SIGTERM')).toBe(ENDED_WELL);
  const stoppedAfterMs = performance.now() - stoppingAt;
  expect(stoppedAfterMs).toBeGreaterThan(DRAIN_MS - 500);
  expect(stoppedAfterMs).toBeLessThan(DRAIN_MS + 2_000);

  const second = await startSystem(options());
  const ended = await Promise.all(runs.map(({ runId }) => second.client.settled(runId)));
  await second.stop();
  expect(ended.map(({ workflow, status }) => ({ workflow: workflow.name, status }))).toEqual(
    runs.map(({ workflow }) => ({
      workflow: workflow.name,
      status: workflow.name === 'read' ? 'completed' : 'waiting',
    })),
  );
  expect(ended.flatMap(({ waitingFor = [] }) => waitingFor.map(({ kind }) => kind))).toEqual([
    'operator',
    'operator',
  ]);
  console.log(
    `SIGTERM with 4 calls of 7 s: stopped after ${Math.round(stoppedAfterMs)} ms, both writes wait for a person`,
  );
});

test('requests that were accepted while the process was told to stop are worked by the next one', async () => {
  const first = await startSystem(options());
  const accepted: string[] = [];
  let refused = 0;
  const sending = (async () => {
    for (let index = 0; index < 2_000; index++) {
      const run = await first.client
        .start('write', { id: `last-${index}`, pauseMs: 0 }, `last-${index}`)
        .catch(() => undefined);
      if (run === undefined) refused += 1;
      else accepted.push(run.runId);
      if (refused > 20) return;
    }
  })();
  await eventually('some to be accepted', () => accepted.length > 20);
  expect(await first.stop('SIGTERM')).toBe(ENDED_WELL);
  await sending;

  const second = await startSystem(options());
  const ended = await Promise.all(accepted.map((runId) => second.client.settled(runId)));
  await second.stop();
  expect(ended.filter(({ status }) => status !== 'completed')).toEqual([]);
  const lines = errandsIn(errands());
  expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
  console.log(`SIGTERM under requests: ${accepted.length} accepted, all completed`);
});
