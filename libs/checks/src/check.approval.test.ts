import { CallRequested, isQuorum } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { ARTIFACT_LAG_MS } from './answering.js';
import { checkActor } from './check.actor.js';
import { Artifacts, callAsRequested, RunInputs, runId } from './check.fixture.js';
import { completed, confirmed, revoked, succeeded, unconfirmed } from './run-events.fixture.js';
import { Verdicts } from './verdicts.js';

const permitAll = 'permit(principal, action, resource);';
let artifacts: Artifacts;
let run: RunInputs;

beforeEach(() => {
  artifacts = new Artifacts();
  artifacts.tool();
  run = new RunInputs(checkActor(new Verdicts(artifacts)));
});

describe('a call that names an approval', () => {
  const isApproved = 'permit(principal, action, resource) when { context.approved };';
  const requestCall = (approvalId = 'p') => {
    expect(run.append('a', CallRequested(callAsRequested({ approvalId })))).toEqual([]);
    return run.lastId;
  };
  const deferredTypes = () => run.deferred.map(({ type }) => type);
  beforeEach(() => {
    artifacts.bundle(isApproved);
  });

  test('waits for what the approval service says of this request, and is judged as approved then', () => {
    const requestId = requestCall();
    expect(deferredTypes()).toEqual(['call.requested']);
    expect(run.dueAt()).toBeUndefined();
    const verdicts = run.append('b', confirmed(requestId));
    expect(verdicts.map(({ data, ref }) => [data.checkId, data.verdict, ref])).toEqual([
      [requestId, 'allow', 101],
    ]);
    expect(run.deferred).toEqual([]);
  });

  test('is denied when there is no grant for it, also where the bundle would let it pass', () => {
    artifacts.bundle(permitAll);
    const requestId = requestCall();
    const [verdict] = run.append('b', unconfirmed(requestId));
    expect(verdict?.data).toMatchObject({
      verdict: 'deny',
      policies: [],
      reason: 'approval p is not confirmed for exactly this call',
    });
    expect(run.deferred).toEqual([]);
  });

  test('hears nothing that is said of another request', () => {
    const requestId = requestCall();
    expect(run.append('b', confirmed(`${runId}/1`))).toEqual([]);
    expect(deferredTypes()).toEqual(['call.requested']);
    expect(run.append('b', confirmed(requestId))).toHaveLength(1);
    const later = requestCall();
    expect(run.append('b', confirmed(requestId))).toEqual([]);
    expect(run.append('b', unconfirmed(later))[0]?.data.verdict).toBe('deny');
    expect(run.deferred).toEqual([]);
  });

  test('is not asked about when the run lets it go; what comes later is for nobody', () => {
    const first = requestCall();
    run.append('b', revoked(first));
    expect(run.deferred).toEqual([]);
    expect(run.append('b', confirmed(first))).toEqual([]);
    const second = requestCall();
    run.append('c', completed);
    expect(run.append('b', confirmed(second))).toEqual([]);
    expect(run.deferred).toEqual([]);
  });

  test('is answered once, however often it is confirmed', () => {
    const requestId = requestCall();
    expect(run.append('b', confirmed(requestId), confirmed(requestId), unconfirmed(requestId))).toHaveLength(
      1,
    );
    expect(run.deferred).toEqual([]);
  });

  test('waits with its confirmation for artifacts that are not read yet', () => {
    artifacts = new Artifacts();
    run = new RunInputs(checkActor(new Verdicts(artifacts)));
    const requestId = requestCall();
    expect(run.append('b', confirmed(requestId))).toEqual([]);
    expect(deferredTypes()).toEqual(['call.requested', 'approval.confirmed']);
    expect(run.dueAt()).toBe(1_000 + ARTIFACT_LAG_MS);
    artifacts.tool();
    artifacts.bundle(isApproved);
    expect(run.due().map(({ data }) => data.verdict)).toEqual(['allow']);
    expect(run.deferred).toEqual([]);
  });

  test('takes nothing from an outcome that is judged meanwhile', () => {
    artifacts.bundle(permitAll);
    const requestId = requestCall();
    expect(run.append('c', succeeded('request'))[0]?.data.verdict).toBe('allow');
    expect(run.append('b', confirmed(requestId))).toHaveLength(1);
    expect(run.deferred).toEqual([]);
  });

  test('is not the only one that may be asked: without a name there is nothing to wait for', () => {
    expect(run.append('a', CallRequested(callAsRequested()))[0]?.data.verdict).toBe('deny');
    expect(run.append('b', confirmed(run.lastId))).toEqual([]);
    expect(run.deferred).toEqual([]);
  });

  test('is told what the bundle demands by then, so a grant for less does not meet it', () => {
    const asking = (kind: string) => `@approval("${kind}") @approvers("lead") ${permitAll}`;
    artifacts.bundle(asking('single'));
    const first = run.append('a', CallRequested(callAsRequested()))[0]?.data;
    expect(first?.approval).toEqual({ kind: 'single', approvers: ['lead'] });
    const requestId = requestCall();
    artifacts.bundle(asking('dual'));
    const [second] = run.append('b', confirmed(requestId));
    expect(second?.data).toMatchObject({ verdict: 'allow', approval: { kind: 'dual', approvers: ['lead'] } });
    const on = { callHash: callAsRequested().callHash, shapedBy: ['ada'] };
    const by = { sub: 'bea', roles: ['lead'] };
    const votes = [{ by, vote: 'approve' as const, callHash: on.callHash }];
    expect(first?.approval && isQuorum(first.approval, votes, on)).toBe(true);
    expect(second?.data.approval && isQuorum(second.data.approval, votes, on)).toBe(false);
  });
});
