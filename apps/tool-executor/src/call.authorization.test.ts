import type { Influence } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Authorization, authorize } from './call.authorization.js';
import { APPROVAL, CallScenario, keyed, read } from './call.scenario.js';
import { deferredCalls } from './deferred-calls.js';
import { stoppableOf, unlessStopped } from './stops.js';
import { toolSetOf } from './tool-set.js';

type Change = Parameters<CallScenario['requestCall']>[1];

const by = (step: string, level: Influence['level'] = 'assisted'): Influence => ({
  step,
  level,
  model: 'local/m',
  plan: 'run-1/3',
});
const tools = toolSetOf([read, keyed]);

let scenario: CallScenario;
beforeEach(() => {
  scenario = new CallScenario();
});

/** What becomes of a call that policy allows; `found`: the models that policy has worked out by itself. */
function judged(
  tool: typeof read,
  {
    requestedCall = {},
    found = requestedCall.influencedBy,
    approved = false,
  }: { requestedCall?: Change; found?: Influence[]; approved?: boolean },
): string {
  const call = scenario.requestCall(tool, { ...requestedCall, ...(approved && { approvalId: APPROVAL }) });
  const verdict = scenario.verdict(call, found === undefined ? {} : { influencedBy: found });
  const calls = deferredCalls([call, verdict, ...(approved ? [scenario.confirm(call)] : [])]);
  return textOf(authorize(calls.callRequests[0]!, calls, tools, 1_000, true));
}

const textOf = (authorization: Authorization): string =>
  authorization.kind === 'refuse'
    ? `${authorization.refusal.code}${authorization.refusal.unsafe ? ', unsafe' : ''}`
    : authorization.kind;

describe('a write that a model led to', () => {
  test('at assisted is performed only under an approval, whatever the verdict requires', () => {
    const requestedCall = { influencedBy: [by('plan')] };
    expect(judged(keyed, { requestedCall })).toBe('influenced, unsafe');
    expect(judged(keyed, { requestedCall, approved: true })).toBe('perform');
  });

  test('at a level that acts by rules alone is performed', () => {
    expect(
      judged(keyed, { requestedCall: { influencedBy: [by('plan', 'shadow'), by('other', 'baseline')] } }),
    ).toBe('perform');
  });

  test('by one model at assisted among others takes people', () => {
    expect(judged(keyed, { requestedCall: { influencedBy: [by('other', 'shadow'), by('plan')] } })).toBe(
      'influenced, unsafe',
    );
  });

  test('by proposing it itself takes people, also where nothing is marked', () => {
    const agent = { level: 'assisted', model: 'local/m', planId: 'run-1/3', confidence: 1 } as never;
    expect(judged(keyed, { requestedCall: { agent } })).toBe('influenced, unsafe');
    expect(judged(keyed, { requestedCall: { agent }, approved: true })).toBe('perform');
  });

  test.each(['compensate', 'verify'] as const)(
    'is performed without people when it is made to %s',
    (purpose) => {
      expect(judged(keyed, { requestedCall: { purpose, influencedBy: [by('plan')] } })).toBe('perform');
    },
  );
});

test('a read that a model led to takes nobody', () => {
  expect(judged(read, { requestedCall: { influencedBy: [by('plan')] } })).toBe('perform');
});

describe('run and policy, each by itself, find the same models', () => {
  test.each<[string, Influence[], Influence[]]>([
    ['policy finds one that the run does not say', [], [by('plan')]],
    ['the run says one that policy does not find', [by('plan')], []],
    ['they find different steps', [by('plan')], [by('other')]],
    ['they find different levels', [by('plan', 'shadow')], [by('plan')]],
    ['they find them in another order', [by('a'), by('b')], [by('b'), by('a')]],
  ])('or nothing is performed, not even a read that people approved: %s', (_sentence, said, found) => {
    const requestedCall = said.length === 0 ? {} : { influencedBy: said };
    const other = found.length === 0 ? undefined : found;
    const call = scenario.requestCall(read, { ...requestedCall, approvalId: APPROVAL });
    const verdict = scenario.verdict(call, other === undefined ? {} : { influencedBy: other });
    const calls = deferredCalls([call, verdict, scenario.confirm(call)]);
    expect(textOf(authorize(calls.callRequests[0]!, calls, tools, 1_000, true))).toBe('influenced, unsafe');
  });

  test('whichever plan each of them names', () => {
    const found = [{ ...by('plan'), plan: 'run-1/9' }];
    expect(judged(keyed, { requestedCall: { influencedBy: [by('plan')] }, found, approved: true })).toBe(
      'perform',
    );
  });
});

describe('a stop', () => {
  const stop = { stopId: 'stop-1', number: 1, reason: 'the bank is down' };
  const perform: Authorization = { kind: 'perform', tool: keyed };
  const callRequest = (change: Change = {}) =>
    deferredCalls([scenario.requestCall(keyed, change)]).callRequests[0]!;

  test('is asked about what the call is, whom it is for, and the level of every model behind it, each once', () => {
    const asked: unknown[] = [];
    const principal = { workflow: 'w', version: 1, requester: 'ada', requesterRoles: [], tenant: 'acme' };
    const call = callRequest({
      principal,
      purpose: 'compensate',
      influencedBy: [by('a'), by('b'), by('c', 'shadow')],
    });
    const standing = (one: unknown) => {
      asked.push(one);
      return { kind: 'free' } as const;
    };
    expect(unlessStopped(perform, call, { standing })).toBe(perform);
    expect(asked).toEqual([
      {
        tool: 'refunds.create',
        workflow: 'w',
        tenant: 'acme',
        levels: ['assisted', 'shadow'],
        compensates: true,
      },
    ]);
  });

  test('covers no level where no model is behind the call', () => {
    expect(stoppableOf(callRequest())).toEqual({ workflow: 'w', levels: [], compensates: false });
  });

  test('refuses what would be performed, and says which stop; what is unknown waits', () => {
    const stopped = unlessStopped(perform, callRequest(), {
      standing: () => ({ kind: 'stopped', by: stop }),
    });
    expect(stopped).toMatchObject({ kind: 'refuse', refusal: { code: 'killed', unsafe: false, stop } });
    expect(unlessStopped(perform, callRequest(), { standing: () => ({ kind: 'unknown' }) })).toEqual({
      kind: 'wait',
    });
  });

  test.each<Authorization>([{ kind: 'wait' }, { kind: 'forget' }])(
    'is not asked where nothing is performed: %j',
    (authorization) => {
      const never = () => expect.fail('nobody asks');
      expect(unlessStopped(authorization, callRequest(), { standing: never as never })).toBe(authorization);
    },
  );
});
