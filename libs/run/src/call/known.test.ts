import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  deny,
  late,
  perform,
  refused,
  retry,
  run,
  runId,
  succeeded,
  unknown,
} from '../../test/run-scenario.js';
import { read, verifiable, write } from '../../test/workflows.js';
import { encodeState } from '../index.js';

const value = { do: 'value', value: 1 } as const;
const types = (scenario: ReturnType<typeof run>) => scenario.decision.events.map(({ type }) => type);

describe('a write that turned out to have happened while a repetition was open, and whose check was denied', () => {
  test.each([
    ['succeeds', succeeded],
    ['is refused', refused],
  ] as const)('is one write, and its step is closed once, when the repetition %s', (_how, answer) => {
    const scenario = run([write('pay', { onFailure: value }), read('other')]);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay'));
    const { requestId, callHash } = callRequestOf(scenario, 'pay');
    scenario
      .whenDue()
      .when(late(requestId, callHash, 7))
      .when(after(scenario, 'pay', deny));
    const { closed } = scenario.state!;
    scenario.when(answer(scenario, 'pay'));
    expect(types(scenario)).toEqual(['call.recorded']);
    expect(scenario.state).toMatchObject({ closed, writes: { size: 1 } });
  });
});

test('a verdict that comes when its step has been closed by a value closes it no second time', () => {
  const scenario = run([read('a', { onFailure: value }), read('b'), read('c', { needs: ['a', 'b'] })]);
  scenario.when(before(scenario, 'a')).when(succeeded(scenario, 'a'));
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId };
  scenario.when({ kind: 'poison', topic: 'policy.events', type: 'policy.decided/1', meta, problem: 'odd' });
  const { closed } = scenario.state!;
  scenario.when(after(scenario, 'a', deny));
  expect(scenario.state!.closed).toBe(closed);
  expect(
    scenario.events.filter(
      ({ type, data }) => type === 'call.requested' && (data as { step: string }).step === 'c',
    ),
  ).toEqual([]);
});

test('a verdict on a call that a person has had made anew does not touch the new one', () => {
  const scenario = run([read('a', { onFailure: { do: 'escalate' } })]);
  scenario.when(before(scenario, 'a')).when(succeeded(scenario, 'a'));
  const first = after(scenario, 'a', deny);
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId };
  scenario.when({ kind: 'poison', topic: 'policy.events', type: 'policy.decided/1', meta, problem: 'odd' });
  scenario.when(retry(scenario, 'a')).when(before(scenario, 'a')).when(succeeded(scenario, 'a')).when(first);
  expect(types(scenario)).toEqual([]);
});

describe('what a call gave stands once in the state', () => {
  test('of each step that completed with it', () => {
    const text = 'x'.repeat(1_000);
    const scenario = run([read('a'), read('b', { needs: ['a'] }), read('c', { needs: ['b'] })]);
    for (const step of ['a', 'b']) perform(scenario, step, { text });
    expect(encodeState(scenario.state!).split(text)).toHaveLength(3);
  });

  test('and not at all of what policy redacted in a verification', () => {
    const scenario = run([verifiable('pay'), read('x', { needs: ['pay'] })]);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    scenario.when(before(scenario, 'pay'));
    scenario.when(succeeded(scenario, 'pay', { found: true, output: { secret: 'SECRET' } }));
    scenario.when(after(scenario, 'pay', { redact: ['output.secret'] }));
    expect(encodeState(scenario.state!)).not.toContain('SECRET');
  });

  test('and not of what was denied and asked for anew', () => {
    const scenario = run([read('order', { onFailure: { do: 'escalate' } }), read('x', { needs: ['order'] })]);
    scenario.when(before(scenario, 'order')).when(succeeded(scenario, 'order', { secret: 'SECRET' }));
    scenario.when(after(scenario, 'order', deny)).when(retry(scenario, 'order'));
    perform(scenario, 'order', { ok: 1 });
    expect(encodeState(scenario.state!)).not.toContain('SECRET');
  });
});
