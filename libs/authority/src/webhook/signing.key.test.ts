import { expect, test } from 'vitest';
import { signingKeyIn } from './signing.key.js';

test('a key that is missing, empty or short signs nothing', () => {
  const keyOf = (secret: string | undefined) => signingKeyIn({ SHOP: secret }, 'SHOP');
  for (const secret of [undefined, '', 'x', 'x'.repeat(15)]) expect(keyOf(secret)).toBeUndefined();
  expect(keyOf('x'.repeat(16))).toBe('x'.repeat(16));
});
