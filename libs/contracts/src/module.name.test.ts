import { expect, test } from 'vitest';
import { moduleOfName, nameInModule, namesMeantBy } from './module.name.js';

test('a name stands for itself where something bears it, else for whatever modules bring under it', () => {
  const known = ['order', 'shop/order', 'bank/order', 'shop/pay', 'shop/pay'];
  expect(namesMeantBy('order', known)).toEqual(['order']);
  expect(namesMeantBy('order', known.slice(1))).toEqual(['shop/order', 'bank/order']);
  expect(namesMeantBy('pay', known)).toEqual(['shop/pay']);
  expect(namesMeantBy('ay', known)).toEqual([]);
  expect(namesMeantBy('bank/pay', known)).toEqual([]);
});

test('a name is put into its module once', () => {
  expect(nameInModule('shop', 'order')).toBe('shop/order');
  expect(nameInModule('shop', 'bank/order')).toBe('bank/order');
  expect(nameInModule(undefined, 'order')).toBe('order');
  expect([moduleOfName('shop/order'), moduleOfName('order')]).toEqual(['shop', undefined]);
});
