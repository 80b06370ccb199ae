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
} from '../../test/run-story.js';
import { read, verifiable, write } from '../../test/workflows.js';
import { encodeState } from '../index.js';

const value = { do: 'value', value: 1 } as const;
const types = (story: ReturnType<typeof run>) => story.decision.events.map(({ type }) => type);

describe('a write that turned out to have happened while a repetition was open, and whose check was denied', () => {
  test.each([
    ['succeeds', succeeded],
    ['is refused', refused],
  ] as const)('is one write, and its step is closed once, when the repetition %s', (_how, answer) => {
    const story = run([write('pay', { onFailure: value }), read('other')]);
    story.when(before(story, 'pay')).when(unknown(story, 'pay'));
    const { requestId, callHash } = callRequestOf(story, 'pay');
    story
      .whenDue()
      .when(late(requestId, callHash, 7))
      .when(after(story, 'pay', deny));
    const { closed } = story.state!;
    story.when(answer(story, 'pay'));
    expect(types(story)).toEqual(['call.recorded']);
    expect(story.state).toMatchObject({ closed, writes: { size: 1 } });
  });
});

test('a verdict that comes when its step has been closed by a value closes it no second time', () => {
  const story = run([read('a', { onFailure: value }), read('b'), read('c', { needs: ['a', 'b'] })]);
  story.when(before(story, 'a')).when(succeeded(story, 'a'));
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId };
  story.when({ kind: 'poison', topic: 'policy.events', type: 'policy.decided/1', meta, problem: 'odd' });
  const { closed } = story.state!;
  story.when(after(story, 'a', deny));
  expect(story.state!.closed).toBe(closed);
  expect(
    story.events.filter(
      ({ type, data }) => type === 'call.requested' && (data as { step: string }).step === 'c',
    ),
  ).toEqual([]);
});

test('a verdict on a call that a person has had made anew does not touch the new one', () => {
  const story = run([read('a', { onFailure: { do: 'escalate' } })]);
  story.when(before(story, 'a')).when(succeeded(story, 'a'));
  const first = after(story, 'a', deny);
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: runId };
  story.when({ kind: 'poison', topic: 'policy.events', type: 'policy.decided/1', meta, problem: 'odd' });
  story.when(retry(story, 'a')).when(before(story, 'a')).when(succeeded(story, 'a')).when(first);
  expect(types(story)).toEqual([]);
});

describe('what a call gave stands once in the state', () => {
  test('of each step that completed with it', () => {
    const text = 'x'.repeat(1_000);
    const story = run([read('a'), read('b', { needs: ['a'] }), read('c', { needs: ['b'] })]);
    for (const step of ['a', 'b']) perform(story, step, { text });
    expect(encodeState(story.state!).split(text)).toHaveLength(3);
  });

  test('and not at all of what policy redacted in a verification', () => {
    const story = run([verifiable('pay'), read('x', { needs: ['pay'] })]);
    story.when(before(story, 'pay')).when(unknown(story, 'pay')).whenDue();
    story.when(before(story, 'pay'));
    story.when(succeeded(story, 'pay', { found: true, output: { secret: 'SECRET' } }));
    story.when(after(story, 'pay', { redact: ['output.secret'] }));
    expect(encodeState(story.state!)).not.toContain('SECRET');
  });

  test('and not of what was denied and asked for anew', () => {
    const story = run([read('order', { onFailure: { do: 'escalate' } }), read('x', { needs: ['order'] })]);
    story.when(before(story, 'order')).when(succeeded(story, 'order', { secret: 'SECRET' }));
    story.when(after(story, 'order', deny)).when(retry(story, 'order'));
    perform(story, 'order', { ok: 1 });
    expect(encodeState(story.state!)).not.toContain('SECRET');
  });
});
