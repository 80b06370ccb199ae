import { beforeEach, describe, expect, test, vi } from 'vitest';
import { isAction } from '../../examples/retail/desk/actions.ts';
import { applyDirectly, retailCases, wavesOf } from './retail.calls.ts';

describe('the requests of the shop that comes with the example', () => {
  beforeEach(() => void vi.stubEnv('RETAIL_DATA', undefined));

  test('are worked by 213 calls of fifteen tools, of which 48 writes are done and nine refused', () => {
    const { data, cases } = retailCases();
    const calls = cases.flatMap((one) => one.calls);
    expect([cases.length, calls.length]).toEqual([48, 213]);
    expect(new Set(calls.map(({ tool }) => tool)).size).toBe(15);
    expect(calls.filter(({ tool }) => isAction(tool))).toHaveLength(57);
    const applied = cases.map((one) => applyDirectly(data, one.calls));
    expect(applied.reduce((sum, { done }) => sum + done, 0)).toBe(48);
    const refusals = applied.flatMap(({ refused }) => refused.map((one) => one.refused));
    expect(Object.groupBy(refusals, (code) => code)).toEqual({
      wrong_status: Array(4).fill('wrong_status'),
      balance_too_low: Array(5).fill('balance_too_low'),
    });
  });

  test('of one wave are of different customers, and no wave leaves one out', () => {
    const { cases } = retailCases();
    const waves = wavesOf(cases);
    expect(waves.map(({ length }) => length)).toEqual([24, 16, 8]);
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
