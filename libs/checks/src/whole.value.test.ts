import { byReference, CallRequested, type StoredValue, sha256, type ValueAnswer } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkActor } from './check.actor.js';
import { Artifacts, callAsRequested, RunInputs, runId } from './check.fixture.js';
import { succeeded } from './run-events.fixture.js';
import { Verdicts } from './verdicts.js';

const value = { note: 'write to bob@example.com', text: 'x'.repeat(70_000) };
const text = JSON.stringify(value);
const stored: StoredValue = { hash: sha256(text), size: text.length, type: 'application/json' };
const kept = succeeded('request', byReference(stored));
const permitClean =
  'permit(principal, action, resource) unless { context.findings.contains("personal.email") };';
const loaded: ValueAnswer = { kind: 'value', values: new Map([[stored.hash, value]]) };

let artifacts: Artifacts;
let verdicts: Verdicts;
beforeEach(() => {
  artifacts = new Artifacts();
  artifacts.tool();
  artifacts.bundle('permit(principal, action, resource);');
  verdicts = new Verdicts(artifacts);
});

test('an output that is kept outside of the log is loaded before it is judged', () => {
  const run = new RunInputs(checkActor(verdicts));
  expect(run.append('a', kept)).toEqual([]);
  expect(run.wanted.map(({ data }) => data)).toEqual([{ family: runId, load: [stored] }]);
  expect(run.deferred).toHaveLength(1);
  const [decided] = run.answered(loaded);
  expect(decided?.data).toMatchObject({ checkId: `${runId}/101`, point: 'after', verdict: 'allow' });
  expect(run.deferred).toEqual([]);
});

test('the detectors see all of it', () => {
  artifacts.bundle(permitClean);
  const run = new RunInputs(checkActor(verdicts));
  run.append('a', kept);
  expect(run.answered(loaded)[0]?.data.verdict).toBe('deny');
});

test('one that this process has loaded is judged at once', () => {
  const run = new RunInputs(checkActor(verdicts, { get: () => ({ value }) }));
  expect(run.append('a', kept)[0]?.data.verdict).toBe('allow');
});

test.each(['value.missing', 'value.erased'] as const)(
  'one that cannot be had is denied, and the verdict says why: %s',
  (code) => {
    const run = new RunInputs(checkActor(verdicts));
    run.append('a', kept);
    const failed = { stored, code, message: 'gone' };
    const [decided] = run.answered({ kind: 'value', values: new Map(), failed });
    expect(decided?.data).toMatchObject({ verdict: 'deny', reason: expect.stringContaining(code) });
  },
);

describe('arguments that are kept outside of the log', () => {
  const called = CallRequested(callAsRequested({ arguments: byReference(stored) }));
  const verdict = { point: 'before', verdict: 'allow', callHash: called.data.callHash };
  const given = (orderId: string) => ({ get: () => ({ value: { orderId, text: 'x'.repeat(600_000) } }) });

  test('are loaded before the call is judged', () => {
    const run = new RunInputs(checkActor(verdicts));
    expect(run.append('a', called)).toEqual([]);
    expect(run.wanted.map(({ data }) => data)).toEqual([{ family: runId, load: [stored] }]);
    expect(run.dueAt(true)).toBeUndefined();
    expect(run.answered(loaded)[0]?.data).toMatchObject(verdict);
  });

  test('are seen whole by policies, and are as large as the store takes', () => {
    const deny = 'forbid(principal, action, resource) when { context.arguments.orderId == "o2" };';
    artifacts.bundle('permit(principal, action, resource);', deny);
    const judged = (orderId: string) =>
      new RunInputs(checkActor(verdicts, given(orderId))).append('a', called)[0]?.data;
    expect(judged('o1')).toMatchObject(verdict);
    expect(judged('o2')).toMatchObject({ verdict: 'deny', policies: ['p1'] });
  });

  test('that cannot be had are denied, and the verdict says why', () => {
    const run = new RunInputs(checkActor(verdicts));
    run.append('a', called);
    const failed = { stored, code: 'value.altered', message: 'other bytes' } as const;
    const [decided] = run.answered({ kind: 'value', values: new Map(), failed });
    expect(decided?.data).toMatchObject({
      verdict: 'deny',
      reason: expect.stringContaining('value.altered'),
    });
  });
});

test('while it is loaded its check is not due, and after a change of host it is asked for again', () => {
  const run = new RunInputs(checkActor(verdicts));
  run.append('a', kept);
  expect(run.dueAt(true)).toBeUndefined();
  expect(run.dueAt(false)).toBeDefined();
  expect(run.due()).toEqual([]);
  expect(run.wanted).toHaveLength(1);
});
