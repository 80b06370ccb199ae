import { expect, test } from 'vitest';
import { provider, token } from './provider.js';

test('a factory is given what its tokens stand for, in their order', () => {
  const COUNT = token<number>('Count');
  const NAME = token<string>('Name');
  const made = provider(NAME, [COUNT, NAME], (count, name) => name.repeat(count));
  expect(made).toMatchObject({ provide: NAME, inject: [COUNT, NAME] });
  expect(made.useFactory(2, 'a')).toBe('aa');
});
