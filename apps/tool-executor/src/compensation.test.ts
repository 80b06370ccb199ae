import { defineTool, type Tool } from '@interlock/tools';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  COMPENSATION_BYTES_MAX,
  compensationOf,
  compensationOfFound,
  withoutCompensation,
} from './compensation.js';

const warnings: string[] = [];
const warn = (message: string): void => {
  warnings.push(message);
};
beforeEach(() => {
  warnings.length = 0;
});

type With = (call: { input: { orderId: string; paidAt: string }; output: { refundId: string } }) => unknown;

const pay = (undo?: With): Tool =>
  defineTool({
    name: 'refunds.create',
    version: 1,
    description: '',
    input: z.object({ orderId: z.string(), paidAt: z.iso.date() }),
    output: z.object({ refundId: z.string() }),
    effect: 'write',
    risk: 'low',
    audience: 'test',
    recovery: { by: 'idempotency-key' },
    timeout: '1s',
    ...(undo !== undefined && { compensate: { tool: 'refunds.cancel', with: undo as never } }),
    run: () => ({ refundId: 'r-1' }),
  });
const happened = () => ({
  input: { orderId: 'o-1', paidAt: '1970-01-01' },
  output: { refundId: 'r-1' },
});
const undone = (undo: With | undefined) => compensationOf(pay(undo), happened, warn);

describe('the call that undoes another', () => {
  test('is worked out from its input and its output', () => {
    const undo: With = ({ input, output }) => ({ ...output, of: input.orderId, nothing: undefined });
    const args = { refundId: 'r-1', of: 'o-1' };
    expect(undone(undo)).toEqual({ compensation: { tool: 'refunds.cancel', arguments: args } });
    expect(warnings).toEqual([]);
  });

  test('is said in JSON, so what can be said in JSON is', () => {
    const { compensation } = undone(({ input }) => ({
      paidAt: new Date(input.paidAt),
      list: [null, 1, true],
    }));
    expect(compensation?.arguments).toEqual({ paidAt: '1970-01-01T00:00:00.000Z', list: [null, 1, true] });
  });

  test('does not exist when its tool declares none', () => {
    expect(undone(undefined)).toEqual({});
    expect(warnings).toEqual([]);
  });

  const cycle: unknown[] = [];
  cycle.push(cycle);
  test.each<[string, With]>([
    ['throws', ({ output }) => (output as never as { items: string[] }).items.length],
    ['answers later', async () => ({ refundId: 'r-1' })],
    ['fails later', async () => Promise.reject(new Error('no'))],
    ['answers nothing', () => undefined],
    ['answers with a function', () => () => {}],
    ['answers with what JSON turns into something else', () => ({ amount: Number.NaN })],
    ['answers with a map', () => ({ refunds: new Map([['r-1', 1]]) })],
    ['answers with a large integer', () => ({ amount: 1n })],
    ['answers with half a letter', () => ({ text: '\ud800' })],
    ['answers with a circle', () => cycle],
    ['answers with too much', () => 'x'.repeat(COMPENSATION_BYTES_MAX)],
  ])('is left out, with a warning, when the author’s code %s', (_name, undo) => {
    expect(undone(undo)).toEqual({});
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('refunds.create happened');
  });
});

describe('a verification', () => {
  const asked = { key: 'k', input: { orderId: 'o-1', paidAt: '1970-01-01' } };
  const undo: With = ({ input, output }) => ({ ...output, year: new Date(input.paidAt).getUTCFullYear() });
  const foundBy = (output: unknown, args: unknown = asked) =>
    compensationOfFound(pay(undo), args, output, warn);

  test('says how to undo the write that it has found', () => {
    expect(foundBy({ found: true, output: { refundId: 'r-9' } })).toEqual({
      compensation: { tool: 'refunds.cancel', arguments: { refundId: 'r-9', year: 1970 } },
    });
  });

  test.each([[{ found: false }], [{}], ['found'], [null]])('says nothing when it answers %j', (output) => {
    expect(foundBy(output)).toEqual({});
    expect(warnings).toEqual([]);
  });

  test.each([
    ['the write’s output', asked, { refundId: 7 }],
    ['the write’s input', { key: 'k', input: { orderId: 7 } }, { refundId: 'r-9' }],
    ['what a verification is asked', 'k', { refundId: 'r-9' }],
  ])('warns when what it was given or found is not %s', (_name, args, output) => {
    expect(foundBy({ found: true, output }, args)).toEqual({});
    expect(warnings).toHaveLength(1);
  });
});

test('a tool whose compensation nobody brings is named', () => {
  const cancel = defineTool({
    name: 'refunds.cancel',
    version: 1,
    description: '',
    input: z.object({}),
    output: z.object({}),
    effect: 'read',
    risk: 'low',
    audience: 'test',
    timeout: '1s',
    run: () => ({}),
  });
  const create = pay(() => ({}));
  expect(withoutCompensation([create])).toEqual([
    { tool: 'refunds.create', compensatedBy: 'refunds.cancel' },
  ]);
  expect(withoutCompensation([create, cancel, pay()])).toEqual([]);
});
