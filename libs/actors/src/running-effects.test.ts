import { expect, test } from 'vitest';
import { type EffectResult, RunningEffects } from './running-effects.js';

const asked = { id: 'ask', kind: 'ask', data: null, isRepeatable: true } as const;

/** Decides at once on what has arrived, as a host does that is idle: before the effect has come to its end. */
function deciding(effect: { readonly isRepeatable?: true }, times: number) {
  const given: EffectResult[] = [];
  let done = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const effects: RunningEffects = new RunningEffects(
    async (_effect, { result }) => {
      await Promise.resolve();
      result(given.length + 1);
    },
    (arrived) =>
      queueMicrotask(() => {
        given.push(arrived);
        if (given.length < times) effects.start('a', { id: 'ask', kind: 'ask', data: null, ...effect });
        effects.recorded(arrived);
        if (given.length === times) done();
      }),
    () => {},
    () => {},
  );
  return { effects, given, all };
}

test('a repeatable effect is started again by the decision on its result, though its end has not been seen yet', async () => {
  const { effects, given, all } = deciding({ isRepeatable: true }, 3);
  effects.start('a', asked);
  await all;
  expect(given.map(({ result }) => result)).toEqual([1, 2, 3]);
  await effects.settled();
  expect(effects.isRunning('ask')).toBe(false);
});

test('any other is not: its result stands until the log holds what followed from it', async () => {
  const { effects, given } = deciding({}, 3);
  effects.start('a', { id: 'ask', kind: 'ask', data: null });
  await effects.settled();
  expect(given).toHaveLength(1);
});
