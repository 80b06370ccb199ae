import { describe, expect, test } from 'vitest';
import { isDataThere } from '../../examples/retail/data.ts';
import { isAction } from '../../examples/retail/desk/actions.ts';
import { applyDirectly, retailCases, wavesOf } from './retail.calls.ts';

describe.skipIf(!isDataThere())('the requests of the retail data', () => {
  test('are worked by 550 calls of fifteen tools, of which 174 writes are done and two refused', () => {
    const { data, cases } = retailCases();
    const calls = cases.flatMap((one) => one.calls);
    expect([cases.length, calls.length]).toEqual([114, 550]);
    expect(new Set(calls.map(({ tool }) => tool)).size).toBe(15);
    expect(calls.filter(({ tool }) => isAction(tool))).toHaveLength(176);
    const applied = cases.map((one) => applyDirectly(data, one.calls));
    expect(applied.reduce((sum, { done }) => sum + done, 0)).toBe(174);
    expect(applied.flatMap(({ refused }) => refused)).toMatchObject([
      { refused: 'wrong_status' },
      { refused: 'balance_too_low' },
    ]);
  });

  test('of one wave are of different customers, and no wave leaves one out', () => {
    const { cases } = retailCases();
    const waves = wavesOf(cases);
    expect(waves.map(({ length }) => length)).toEqual([53, 30, 18, 8, 5]);
    for (const wave of waves) expect(new Set(wave.map(({ customer }) => customer)).size).toBe(wave.length);
  });

  test('that go on at the same time come out alike in any order', () => {
    const { data, cases } = retailCases();
    const [wave = []] = wavesOf(cases);
    const callsOf = (some: typeof wave) => some.flatMap(({ calls }) => calls);
    const forwards = applyDirectly(data, callsOf(wave)).data;
    expect(applyDirectly(data, callsOf(wave.toReversed())).data).toEqual(forwards);
    expect(forwards).not.toEqual(data);
  });
});
