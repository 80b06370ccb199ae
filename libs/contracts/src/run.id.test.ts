import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDerivedRunId } from './run.id.form.js';
import { ownsRunId, runIdOfKey } from './run.id.js';

const text = fc.string({ minLength: 1, maxLength: 12 });
const caller = fc.record({ sub: text, tenant: fc.option(text, { nil: undefined }) });

test('a key names one run of one caller, and an id of the form that no client may choose', () => {
  fc.assert(
    fc.property(caller, text, caller, text, (one, key, other, otherKey) => {
      const id = runIdOfKey(one, key);
      expect(isDerivedRunId(id)).toBe(true);
      expect(ownsRunId({ runId: id, by: one, key })).toBe(true);
      const isSame = one.sub === other.sub && (one.tenant ?? '') === (other.tenant ?? '') && key === otherKey;
      expect(ownsRunId({ runId: id, by: other, key: otherKey })).toBe(isSame);
    }),
  );
});

test('without a key any id is its client’s, but those that keys derive', () => {
  const by = { sub: 'ada' };
  expect(['order-7', randomUUID(), 'a'].map((runId) => ownsRunId({ runId, by }))).toEqual([true, true, true]);
  const derived = runIdOfKey(by, 'k');
  expect([derived, derived.toUpperCase()].map((runId) => ownsRunId({ runId, by }))).toEqual([false, false]);
  expect(ownsRunId({ runId: 'order-7', by, key: 'k' })).toBe(false);
});
