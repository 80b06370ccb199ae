import type { CallRequested } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { APPROVAL, CallScenario, keyed, read, unkeyed, vote } from './call.scenario.js';

type Call = z.output<typeof CallRequested.schema>;
const proposed = (index: number, change: Partial<Call> = {}): Partial<Call> => ({
  agent: {
    planId: 'run-1/2',
    index,
    model: 'local/planner-1',
    level: 'assisted',
    confidence: 1,
    approvers: ['finance'],
  },
  ...change,
});
const single = { approval: { kind: 'single' as const, approvers: ['finance'] } };
let scenario: CallScenario;
beforeEach(() => {
  scenario = new CallScenario();
});

describe('calls that a model proposed', () => {
  test('are performed like any other, several for one step and one occurrence after another', () => {
    const calls = [proposed(0), proposed(1, { occurrence: 2 }), proposed(2, { occurrence: 3 })];
    const ids = calls.map((call) => {
      const requestedCall = scenario.requestCall(keyed, { ...call, approvalId: APPROVAL });
      scenario.take(requestedCall);
      scenario.take(scenario.verdict(requestedCall, single));
      expect(scenario.take(scenario.confirm(requestedCall, { votes: [vote('bea')] }))).toEqual([
        'tool.attempt_started',
      ]);
      expect(scenario.ends(requestedCall.meta.id, { kind: 'succeeded', output: { ok: true } })).toEqual([
        'tool.succeeded',
      ]);
      return requestedCall.meta.id;
    });
    expect(scenario.started.map(({ id }) => id)).toEqual(ids);
    const hashes = scenario.written.flatMap((data) => (data as { callHash?: string }).callHash ?? []);
    expect(new Set(hashes).size).toBe(3);
  });

  test('wait side by side, each for its own verdict and its own people', () => {
    const first = scenario.requestCall(keyed, proposed(0, { approvalId: APPROVAL }));
    const second = scenario.requestCall(unkeyed, proposed(1, { approvalId: 'run-1.8' }));
    for (const message of [first, second, scenario.verdict(first, single), scenario.verdict(second, single)])
      expect(scenario.take(message)).toEqual([]);
    expect(scenario.take(scenario.confirm(second, { votes: [vote('bea')] }))).toEqual([
      'tool.attempt_started',
    ]);
    expect(scenario.started.map(({ id }) => id)).toEqual([second.meta.id]);
  });

  test('end unmade when policy asks for people and nobody was asked, reads too', () => {
    const requestedCall = scenario.requestCall(read, proposed(0));
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall, single))).toEqual([]);
    expect(scenario).toMatchObject({ deferred: [], started: [] });
  });

  test('are refused when the occurrence is not the one that was hashed', () => {
    const { callHash } = scenario.requestCall(keyed, proposed(0)).data as Call;
    const requestedCall = scenario.requestCall(keyed, proposed(0, { occurrence: 2, callHash }));
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual(['tool.refused: wrong_hash']);
  });
});
