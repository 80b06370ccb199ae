import { expect, test } from 'vitest';
import { ActorStore } from './store.js';

const entry = (state: string | undefined, recordKey: string, seq = 0) => ({ state, seq, time: 0, recordKey });

function family(): ActorStore<string> {
  const store = new ActorStore<string>();
  store.put('root', entry('R', 'root'));
  store.put('other', entry('O', 'other'));
  store.decide('child', entry('C', 'root'));
  return store;
}

test('actors are kin whose records have one key, as decided so far', () => {
  const store = family();
  expect(store.kinOf('root', 'root')).toEqual([{ key: 'child', state: 'C' }]);
  expect(store.kinOf('child', 'root')).toEqual([{ key: 'root', state: 'R' }]);
  expect(store.kinOf('other', 'other')).toEqual([]);
});

test('what no accepted append holds is no kin', () => {
  const store = family();
  store.dropDecided();
  expect(store.kinOf('root', 'root')).toEqual([]);
});

test('an actor that is forgotten is no kin', () => {
  const store = family();
  store.accept(new Map([['child', entry('C', 'root')]]));
  store.put('child', entry(undefined, 'root'));
  expect(store.kinOf('root', 'root')).toEqual([]);
});
