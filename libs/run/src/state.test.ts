import { expect, test } from 'vitest';
import { after, before, perform, run, succeeded } from '../test/run-scenario.js';
import { read, write } from '../test/workflows.js';
import { evolve } from './evolve.js';
import { decodeState, describeRun, encodeState, foldRun, type RunState, stateHash } from './index.js';
import { emptyTree, getItem, indicesOf, itemsOf, pushItem, setItem, type Tree } from './tree.js';

const steps = [read('a'), write('b', { needs: ['a'] }), write('c', { needs: ['b'] })];

test('folding the log again gives the hash of every checkpoint of record, for actor and reader alike', () => {
  const scenario = run(steps);
  for (const id of ['a', 'b', 'c']) perform(scenario, id);
  const marks = scenario.events.filter(({ type }) => type === 'run.checkpointed');
  expect(marks).toHaveLength(2);
  for (const { data } of marks) {
    const { seq, stateHash: hash } = data as { seq: number; stateHash: string };
    const events = JSON.parse(JSON.stringify(scenario.events.slice(0, seq)));
    expect(stateHash(foldRun(scenario.key, events)!)).toBe(hash);
    let state: RunState | undefined;
    for (const event of events) state = evolve(state, event, scenario.key);
    expect(stateHash(state!)).toBe(hash);
  }
});

test('a state read back from the cache is the same and goes on the same way', () => {
  const scenario = run(steps);
  perform(scenario, 'a');
  const back = decodeState(encodeState(scenario.state!))!;
  expect(back).toEqual(scenario.state);
  expect(stateHash(back)).toBe(stateHash(scenario.state!));
  scenario.state = back;
  perform(scenario, 'b');
  perform(scenario, 'c').thenTypes('verdict.recorded', 'step.completed', 'run.completed');
});

test('a cached state of another version is folded anew', () => {
  expect(decodeState('{"version":0,"state":{}}')).toBeUndefined();
  expect(decodeState('nonsense')).toBeUndefined();
});

test('an event leaves the parts it does not touch as they are', () => {
  const scenario = run(steps);
  perform(scenario, 'a');
  const earlier = scenario.state!;
  scenario.when(before(scenario, 'b')).when(succeeded(scenario, 'b')).when(after(scenario, 'b'));
  const [first] = indicesOf(earlier.steps);
  expect(getItem(scenario.state!.steps, first!)).toBe(getItem(earlier.steps, first!));
  expect(scenario.state!.origin).toBe(earlier.origin);
});

test('a run that has ended keeps only what late inputs need, and all of it for readers', () => {
  const scenario = run(steps);
  for (const id of ['a', 'b', 'c']) perform(scenario, id, { of: id });
  expect(encodeState(scenario.state!).length).toBeLessThan(2_000);
  const full = foldRun(scenario.key, scenario.events)!;
  expect(describeRun(full)).toMatchObject({
    status: 'completed',
    input: { amount: 5 },
    output: { c: { of: 'c' } },
  });
  expect(itemsOf(full.steps)[2]).toMatchObject({ at: { status: 'completed' } });
});

test('a tree keeps every version of what was put into it', () => {
  const versions: Tree<number>[] = [emptyTree<number>()];
  for (let item = 0; item < 600; item += 1) versions.push(pushItem(versions[item]!, item));
  const last = setItem(versions[600]!, 300, -1);
  expect(getItem(last, 300)).toBe(-1);
  expect(getItem(versions[600]!, 300)).toBe(300);
  expect([0, 15, 16, 255, 256, 599].map((index) => getItem(last, index))).toEqual([0, 15, 16, 255, 256, 599]);
  expect(getItem(emptyTree<number>(5_000), 4_999)).toBeUndefined();
  // A full node has no item of the next one.
  expect(getItem(versions[16]!, 16)).toBeUndefined();
  expect(getItem(setItem(emptyTree<number>(5_000), 4_999, 1), 4_999)).toBe(1);
});
