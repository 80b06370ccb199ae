import { newKeyPair } from '@interlock/authority';
import { evolve, type RunState, STATE_VERSION } from '@interlock/run';
import { beforeAll, expect, test } from 'vitest';
import { perform, type RunScenario, run, runId } from '../../../run/test/run-scenario.js';
import { write } from '../../../run/test/workflows.js';
import { numbered } from '../export/export.js';
import { exportOf, PartitionUnderTest } from '../verify/partition.fixture.js';
import type { Evolve } from './replay.js';
import { replayExport } from './replay-export.js';

/** A run of three writes: the success of each is a checkpoint. */
let scenario: RunScenario;

beforeAll(() => {
  scenario = run([write('order'), write('pay', { needs: ['order'] }), write('mail', { needs: ['pay'] })]);
  for (const step of ['order', 'pay', 'mail']) perform(scenario, step);
});

type Recorded = RunScenario['events'][number];

async function replay(
  changedEvolve?: Evolve,
  change: (event: Recorded) => Recorded['data'] = ({ data }) => data,
) {
  const partition = new PartitionUnderTest();
  const host = partition.claim();
  for (const event of scenario.events) await host.write(runId, event.type, change(event), event.time);
  const texts = exportOf(runId, partition.accepted(runId), newKeyPair(), 0);
  return replayExport(numbered(texts), changedEvolve);
}

const seqsOf = (type: string): number[] =>
  scenario.events.filter((event) => event.type === type).map(({ seq }) => seq);

/** Counts one step too many whenever an event of `type` comes. */
const miscounting =
  (type: string): Evolve =>
  (state, event, key) => {
    const next = evolve(state, event, key);
    if (next === undefined || event.type !== type) return next;
    return { ...next, spent: { ...next.spent, steps: next.spent.steps + 1 } } satisfies RunState;
  };

test('today’s fold arrives at every checkpoint of a run', async () => {
  const { verdict, replay: found } = await replay();
  expect(verdict.problem?.code).toBe('no_key');
  expect(found).toMatchObject({
    result: 'agrees',
    events: scenario.events.length,
    agreed: 3,
    notComparable: [],
  });
});

test.each(['call.requested', 'verdict.recorded', 'call.recorded', 'step.completed'])(
  'a fold that makes something else of %s is caught, and the event is among the few it can be',
  async (type) => {
    const { replay: found } = await replay(miscounting(type));
    expect(found.result).toBe('differs');
    const { difference } = found;
    const [wrong] = seqsOf(type);
    expect(difference?.suspects.map(({ seq }) => seq)).toContain(wrong);
    expect(seqsOf('run.checkpointed')).toContain(difference?.checkpoint);
    expect(difference?.folded).not.toBe(difference?.recorded);
  },
);

test('a type of event that an earlier checkpoint vouches for is not the one that is named', async () => {
  const { replay: found } = await replay(miscounting('step.completed'));
  const [wrong] = seqsOf('step.completed');
  expect(found.agreed).toBe(1);
  expect(found.difference?.checkpoint).toBe(seqsOf('run.checkpointed')[1]);
  expect(found.difference?.suspects.find(({ seq }) => seq === wrong)).toMatchObject({ vouched: false });
  expect(found.difference?.event).toMatchObject({ vouched: false });
});

test('a fold that breaks is told with the event at which it broke', async () => {
  const [at] = seqsOf('call.recorded');
  const breaking: Evolve = (state, event, key) => {
    if (event.type === 'call.recorded') throw new Error('no such request');
    return evolve(state, event, key);
  };
  const { replay: found } = await replay(breaking);
  expect(found).toMatchObject({
    result: 'broken',
    broken: { seq: at, type: 'call.recorded', what: 'no such request' },
  });
});

test('a checkpoint of another version of the fold says nothing, and is never taken as good', async () => {
  const { replay: found } = await replay(undefined, ({ type, data }) =>
    type === 'run.checkpointed' ? { ...(data as object), stateVersion: STATE_VERSION - 1 } : data,
  );
  expect(found).toMatchObject({ result: 'not_comparable', agreed: 0, notComparable: [{}, {}, {}] });
  expect(found.notComparable.map(({ seq }) => seq)).toEqual(seqsOf('run.checkpointed'));
});

test('a checkpoint that speaks of another place than its own is a difference', async () => {
  const { replay: found } = await replay(undefined, ({ type, data }) =>
    type === 'run.checkpointed' ? { ...(data as object), seq: 1 } : data,
  );
  expect(found).toMatchObject({ result: 'differs', difference: { folded: 'no state' } });
});

test('data that break their schema stop the replay at that event', async () => {
  const { replay: found } = await replay(undefined, ({ type, data }) =>
    type === 'step.completed' ? {} : data,
  );
  expect(found).toMatchObject({ result: 'broken', broken: { seq: seqsOf('step.completed')[0] } });
});
