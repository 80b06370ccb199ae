import { expect, test } from 'vitest';
import { z } from 'zod';
import { Catalogue } from './catalogue.js';
import { defineEvent } from './define.js';

const Paid = defineEvent(
  'paid',
  1,
  z.object({
    cents: z.number().int(),
    attempt: z.number().int().default(1),
    needs: z.array(z.string()).default([]),
    reserved: z.object({ calls: z.number() }).default({ calls: 1 }),
    note: z.string().optional(),
  }),
);
const catalogue = new Catalogue([Paid]);
const whole = { cents: 5, attempt: 1, needs: [], reserved: { calls: 1 } };

test('a message has its defaults, whoever builds it', () => {
  expect(Paid({ cents: 5 })).toEqual({ type: 'paid', data: whole });
  expect(Paid({ cents: 5, attempt: 2 }).data.attempt).toBe(2);
});

test('a record leaves out what has its default, and nothing else', () => {
  expect(catalogue.recorded('paid', whole)).toEqual({ cents: 5 });
  const other = { cents: 1, attempt: 2, needs: ['a'], reserved: { calls: 0 }, note: 'x' };
  expect(catalogue.recorded('paid', other)).toEqual(other);
  expect(catalogue.recorded('unknown', whole)).toEqual(whole);
});

test('whoever reads a record sees the defaults, whether or not it was validated', () => {
  const bytes = Buffer.from('{"cents":5}');
  expect(catalogue.parse(Paid.wire, bytes).data).toEqual(whole);
  expect(catalogue.validData(Paid.wire, { cents: 5, attempt: 3 }).data).toEqual({ ...whole, attempt: 3 });
  expect(catalogue.trustedData(Paid.wire, { cents: 5 }).data).toEqual(whole);
});

test('what a record writes out although it is the default says the same', () => {
  expect(catalogue.trustedData(Paid.wire, whole).data).toEqual(whole);
  expect(catalogue.parse(Paid.wire, Buffer.from(JSON.stringify(whole))).data).toEqual(whole);
});

test('a field that is there without a value has its default, as it has once it was stored', () => {
  const Sent = defineEvent('sent', 1, z.object({ times: z.number().default(1) }));
  expect(Sent({ times: undefined }).data).toEqual({ times: 1 });
});
