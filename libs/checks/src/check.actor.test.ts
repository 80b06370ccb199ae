import { CallRequested } from '@interlock/contracts';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { ARTIFACT_LAG_MS } from './answering.js';
import { checkActor } from './check.actor.js';
import { Artifacts, callAsRequested, RunInputs, runId } from './check.fixture.js';
import { recorded, requested } from './plan.fixture.js';
import {
  asking,
  completed,
  confirmed,
  failed,
  late,
  revoked,
  succeeded,
  unconfirmed,
} from './run-events.fixture.js';
import { Verdicts } from './verdicts.js';

const permitAll = 'permit(principal, action, resource);';
let artifacts: Artifacts;
let run: RunInputs;

beforeEach(() => {
  artifacts = new Artifacts();
  artifacts.tool();
  artifacts.bundle(permitAll);
  run = new RunInputs(checkActor(new Verdicts(artifacts)));
});

describe('a call that is requested', () => {
  test('gets one verdict, after whoever reads it has read the request', () => {
    const [decided, ...rest] = run.append('a', CallRequested(callAsRequested()));
    expect(rest).toEqual([]);
    expect(decided).toMatchObject({ type: 'policy.decided', ref: 101 });
    const id = `${runId}/101`;
    expect(decided?.data).toMatchObject({ checkId: id, point: 'before', verdict: 'allow' });
    expect(decided?.data).not.toHaveProperty('requestId');
    expect(decided?.data.callHash).toBe(callAsRequested().callHash);
    expect(run.deferred).toEqual([]);
  });

  test('gets another verdict every time it is requested', () => {
    const callRequest = () => run.append('a', CallRequested(callAsRequested()))[0]?.data;
    expect(callRequest()?.checkId).not.toBe(callRequest()?.checkId);
  });
});

describe('an outcome', () => {
  test('is judged by what stands in its own event, beside the call made from it', () => {
    const verdicts = run.append('a', succeeded('request'), CallRequested(callAsRequested()));
    expect(verdicts.map(({ data }) => [data.point, data.requestId, data.checkId, data.verdict])).toEqual([
      ['after', 'request', `${runId}/101`, 'allow'],
      ['before', undefined, `${runId}/102`, 'allow'],
    ]);
    expect(verdicts[0]?.ref).toBe(101);
    expect(verdicts[0]?.data).not.toHaveProperty('callHash');
    expect(run.deferred).toEqual([]);
  });

  test('that is no success needs no check and is not kept', () => {
    expect(run.append('a', failed('request'))).toEqual([]);
    expect(run.deferred).toEqual([]);
  });

  test('that came late is judged when it is the answer, and not kept when it is not', () => {
    expect(run.append('a', late('request', 'answers'))[0]?.data.verdict).toBe('allow');
    expect(run.append('b', late('request', 'agrees'))).toEqual([]);
    expect(run.deferred).toEqual([]);
  });

  test('is judged by its own output, whatever stands beside it', () => {
    artifacts.bundle(`${permitAll.slice(0, -1)} when { context.output.n == 2 };`);
    const verdicts = run.append('a', succeeded('one', { n: 1 }), succeeded('two', { n: 2 }));
    expect(verdicts.map(({ data }) => data.verdict)).toEqual(['deny', 'allow']);
  });

  test('that asks for a check and holds no output is denied', () => {
    const [decided] = run.append('a', asking(failed('request')), asking(late('other', 'agrees')));
    expect(decided?.data).toMatchObject({ verdict: 'deny', policies: [], reason: 'no output was recorded' });
  });
});

describe('artifacts that are not read yet', () => {
  const slow = () => {
    artifacts = new Artifacts();
    run = new RunInputs(checkActor(new Verdicts(artifacts)));
  };

  test('are waited for, for a second', () => {
    slow();
    expect(run.append('a', succeeded('request'), CallRequested(callAsRequested()))).toEqual([]);
    expect(run.dueAt()).toBe(1_000 + ARTIFACT_LAG_MS);
    artifacts.tool();
    artifacts.bundle(permitAll);
    expect(run.append('b', failed('x')).map(({ data }) => data.verdict)).toEqual(['allow', 'allow']);
    expect(run.deferred).toEqual([]);
  });

  test('are waited for by more checks than fit into one decision', () => {
    slow();
    const callRequests = Array.from({ length: 250 }, (_, at) =>
      CallRequested(callAsRequested({ step: `s${at}` })),
    );
    expect(run.append('a', ...callRequests)).toEqual([]);
    run.now = 1_000 + ARTIFACT_LAG_MS;
    const answered: number[] = [];
    while (run.dueAt() !== undefined) answered.push(run.due().length);
    expect(answered).toEqual([100, 100, 50]);
    expect(run.deferred).toEqual([]);
  });

  test('and then the answer is no', () => {
    slow();
    run.append('a', succeeded('request'), CallRequested(callAsRequested()));
    run.now = 1_000 + ARTIFACT_LAG_MS;
    const verdicts = run.due();
    expect(verdicts.map(({ data, ref }) => [data.verdict, ref])).toEqual([
      ['deny', 101],
      ['deny', 102],
    ]);
    expect(run.deferred).toEqual([]);
    expect(run.dueAt()).toBeUndefined();
  });

  test('do not matter to a run that has ended', () => {
    slow();
    run.append('a', CallRequested(callAsRequested()));
    expect(run.append('b', completed)).toEqual([]);
    expect(run.deferred).toEqual([]);
  });
});

test('whatever a run does, each check is answered at most once and nothing stays deferred after its end', () => {
  const events = fc.array(
    fc.tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.oneof(
        fc.constantFrom('x', 'y').map((requestId) => succeeded(requestId)),
        fc.constantFrom('x', 'y').map((requestId) => late(requestId, 'answers')),
        fc.constantFrom('x', `${runId}/103`).map((requestId) => revoked(requestId)),
        fc.integer({ min: 101, max: 110 }).map((seq) => confirmed(`${runId}/${seq}`)),
        fc.integer({ min: 101, max: 110 }).map((seq) => unconfirmed(`${runId}/${seq}`)),
        fc.constant(requested()),
        fc
          .tuple(fc.integer({ min: 101, max: 110 }), fc.boolean())
          .map(([seq, asks]) => recorded({ planId: `${runId}/${seq}`, asks })),
        fc.boolean().map((named) => CallRequested(callAsRequested(named ? { approvalId: 'p' } : {}))),
        fc.constant(failed('x')),
      ),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(events, fc.nat(12), (list, publishedAt) => {
      artifacts = new Artifacts();
      run = new RunInputs(checkActor(new Verdicts(artifacts)));
      const answered = list.flatMap(([cause, event], at) => {
        if (at === publishedAt) {
          artifacts.tool();
          artifacts.bundle(permitAll);
        }
        return run.append(cause, event);
      });
      const ids = [...answered, ...run.append('end', completed)].map(({ data }) => data.checkId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(run.deferred).toEqual([]);
    }),
  );
});
