import { CallRequested } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkActor } from './check.actor.js';
import { Artifacts, callAsRequested, RunInputs, runId } from './check.fixture.js';
import type { RequestedCall } from './questions.js';
import { confirmed } from './run-events.fixture.js';
import { Verdicts } from './verdicts.js';

type Agent = NonNullable<RequestedCall['agent']>;
const agent = (change: Partial<Agent> = {}): Agent => ({
  planId: `${runId}/2`,
  index: 0,
  model: 'openai/planner-1',
  level: 'assisted',
  confidence: 1,
  approvers: ['operator', 'lead'],
  ...change,
});
const permit = 'permit(principal, action, resource)';
const asks = (kind: string, ...roles: string[]) =>
  `@approval("${kind}") @approvers("${roles.join(', ')}") ${permit};`;
let artifacts: Artifacts;

beforeEach(() => {
  artifacts = new Artifacts();
  artifacts.tool();
});

const verdict = (change: Partial<Agent> = {}, call: Partial<RequestedCall> = {}) =>
  new Verdicts(artifacts).before({
    checkId: `${runId}/1`,
    runId,
    call: callAsRequested({ agent: agent(change), ...call }),
  });

describe('a call that a model proposed', () => {
  test('takes a person, however freely policy permits it and however sure the model is', () => {
    artifacts.bundle(`${permit};`);
    const asked = { verdict: 'allow', approval: { kind: 'single', approvers: ['lead', 'operator'] } };
    expect(verdict()).toMatchObject(asked);
    expect(verdict({ confidence: 0 })).toMatchObject(asked);
    expect(
      new Verdicts(artifacts).before({ checkId: 'c', runId, call: callAsRequested() }).approval,
    ).toBeUndefined();
  });

  test('takes as many people as policy asks for, of roles that both accept', () => {
    artifacts.bundle(asks('dual', 'finance', 'lead'));
    expect(verdict().approval).toEqual({ kind: 'dual', approvers: ['lead'] });
  });

  test('is denied when no role is in both, and when nobody may approve it', () => {
    artifacts.bundle(asks('single', 'finance'));
    expect(verdict()).toMatchObject({ verdict: 'deny', policies: ['p0'] });
    artifacts.bundle(`${permit};`);
    expect(verdict({ approvers: [] }).verdict).toBe('deny');
  });

  test.each(['baseline', 'shadow'] as const)(
    'is denied at the level %s: nothing of it is carried out',
    (level) => {
      artifacts.bundle(`${permit};`);
      expect(verdict({ level })).toMatchObject({
        verdict: 'deny',
        policies: [],
        reason: expect.stringContaining(level),
      });
    },
  );

  test('is known to policies by model, level and confidence; every other call has no such attribute', () => {
    artifacts.bundle(
      `${permit} when { context has agent && context.agent.model == "openai/planner-1" && context.agent.level == "assisted" && context.agent.confidence.greaterThan(decimal("0.9")) };`,
    );
    expect(verdict().verdict).toBe('allow');
    expect(verdict({ confidence: 0.5 }).verdict).toBe('deny');
    expect(new Verdicts(artifacts).before({ checkId: 'c', runId, call: callAsRequested() }).verdict).toBe(
      'deny',
    );
  });

  test('says by its digest who had to approve it, too', () => {
    artifacts.bundle(`${permit};`);
    expect(verdict({ approvers: ['lead'] }).inputDigest).not.toBe(verdict().inputDigest);
  });

  test('is judged for each occurrence under a hash of its own', () => {
    artifacts.bundle(`${permit} when { context.occurrence <= 2 };`);
    const [first, second, third] = [1, 2, 3].map((occurrence) => verdict({}, { occurrence }));
    expect([first?.verdict, second?.verdict, third?.verdict]).toEqual(['allow', 'allow', 'deny']);
    expect(new Set([first, second, third].map((one) => one?.callHash)).size).toBe(3);
  });

  test('keeps its requirement when people have approved it and policy is asked again', () => {
    artifacts.bundle(`${permit} when { context.approved };`);
    const run = new RunInputs(checkActor(new Verdicts(artifacts)));
    expect(run.append('a', CallRequested(callAsRequested({ approvalId: 'p', agent: agent() })))).toEqual([]);
    expect(run.append('b', confirmed(run.lastId))[0]?.data).toMatchObject({
      verdict: 'allow',
      approval: { kind: 'single', approvers: ['lead', 'operator'] },
    });
  });
});
