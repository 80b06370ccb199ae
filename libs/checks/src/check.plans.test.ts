import { CallRequested } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { ARTIFACT_LAG_MS } from './answering.js';
import { checkActor } from './check.actor.js';
import { Artifacts, callAsRequested, RunInputs, runId } from './check.fixture.js';
import { recorded, requested, unplanned } from './plan.fixture.js';
import { completed, failed, succeeded } from './run-events.fixture.js';
import { Verdicts } from './verdicts.js';

const permitAll = 'permit(principal, action, resource);';
let artifacts: Artifacts;
let run: RunInputs;

function publish(): void {
  artifacts.tool();
  artifacts.bundle(permitAll);
}
beforeEach(() => {
  artifacts = new Artifacts();
  run = new RunInputs(checkActor(new Verdicts(artifacts)));
});

describe('a request to a model, and what it proposes,', () => {
  beforeEach(publish);

  test('get one verdict each, after whoever reads it has read what it answers', () => {
    const verdicts = [
      ...run.append('a', requested()),
      ...run.append('b', recorded({ planId: `${runId}/101` })),
    ];
    expect(
      verdicts.map(({ data, ref }) => [data.point, data.checkId, data.planId, data.verdict, ref]),
    ).toEqual([
      ['before', `${runId}/101`, undefined, 'allow', 101],
      ['after', `${runId}/102`, `${runId}/101`, 'allow', 102],
    ]);
    expect(run.deferred).toEqual([]);
  });

  test('need none where nothing is to be acted on', () => {
    expect(run.append('a', recorded({ asks: false }))).toEqual([]);
    expect(run.append('a', recorded({ asks: false, outcome: unplanned }))).toEqual([]);
    expect(run.deferred).toEqual([]);
  });

  test('leave the checks of calls beside them alone', () => {
    expect(run.append('a', succeeded('request'))).toHaveLength(1);
    expect(run.append('a', requested())).toHaveLength(1);
    expect(run.append('a', CallRequested(callAsRequested()))).toHaveLength(1);
  });
});

describe('artifacts that are not read yet', () => {
  test('are waited for, for a second, and then the answer is no', () => {
    expect(run.append('a', requested(), recorded())).toEqual([]);
    expect(run.dueAt()).toBe(1_000 + ARTIFACT_LAG_MS);
    run.now = 1_000 + ARTIFACT_LAG_MS;
    expect(run.due().map(({ data, ref }) => [data.verdict, ref])).toEqual([
      ['deny', 101],
      ['deny', 102],
    ]);
    expect(run.deferred).toEqual([]);
  });

  test('let both be answered when they come', () => {
    run.append('a', requested(), recorded());
    publish();
    expect(run.append('b', failed('x')).map(({ data }) => data.verdict)).toEqual(['allow', 'allow']);
    expect(run.deferred).toEqual([]);
  });

  test('do not matter to a run that has ended, nor to a request that was given up', () => {
    run.append('a', requested());
    expect(run.append('b', recorded({ planId: run.lastId, asks: false, outcome: unplanned }))).toEqual([]);
    expect(run.deferred).toEqual([]);
    run.append('c', requested(), recorded());
    expect(run.append('d', completed)).toEqual([]);
    expect(run.deferred).toEqual([]);
  });
});
