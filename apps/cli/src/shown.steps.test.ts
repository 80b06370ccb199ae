import { expect, test } from 'vitest';
import { type StepHistory, shownSteps } from './run.steps.js';

const row = (step: string, state: string): StepHistory => ({
  step,
  state,
  does: '',
  attempts: 1,
  startedAt: '2026-11-22T09:15:00.000Z',
  at: '2026-11-22T09:15:00.000Z',
  note: '',
});

test('of a long loop those are shown that have failed or are under way, and the latest', () => {
  const items = [...Array(1_000).keys()];
  const loop = items.map((item) => row(`lines[${item}]/price`, item === 3 ? 'failed' : 'completed'));
  const { shown, left } = shownSteps([row('order', 'completed'), ...loop]);
  expect([shown.length, left]).toEqual([200, 801]);
  expect(shown.slice(0, 2).map(({ step }) => step)).toEqual(['order', 'lines[3]/price']);
  expect(shown.at(-1)?.step).toBe('lines[999]/price');
});
