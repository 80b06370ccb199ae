import { expect, test } from 'vitest';
import { usesRefundDesk } from '../../scripts/refund-desk.mjs';

test.each([
  ['nothing is set', {}, true],
  ['the setting is empty', { INTERLOCK_MODULES: '' }, true],
  ['other modules are loaded', { INTERLOCK_MODULES: './mine.ts' }, false],
  ['it is production', { INTERLOCK_MODE: 'production', INTERLOCK_MODULES: '' }, false],
])('the order system of the example is started only with the example: %s', (_when, env, uses) => {
  expect(usesRefundDesk(env)).toBe(uses);
});
