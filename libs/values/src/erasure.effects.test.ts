import { type ErasureAnswer, requestErasure } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { performErasure } from './erasure.effects.js';
import { MemoryStore } from './memory.store.js';
import { StoreUnavailableError } from './value.store.js';
import { Values } from './values.js';

const MB = 1024 * 1024;
const limits = { valueBytesMax: MB, familyBytesMax: 4 * MB, shelfBytesMax: MB };

/** A store whose removals fail so many times. */
class FailingStore extends MemoryStore {
  failures = Number.POSITIVE_INFINITY;
  tried: () => void = () => undefined;

  override async remove(at: Parameters<MemoryStore['remove']>[0]): Promise<void> {
    this.tried();
    this.failures -= 1;
    if (this.failures >= 0) throw new StoreUnavailableError('503');
    await super.remove(at);
  }
}

const erasing = (values: Values, signal: AbortSignal, result: (answer: ErasureAnswer) => void) =>
  performErasure(values)(requestErasure('run-1', 'remove'), { signal, result });

test('an erasure goes on until the store says so', async () => {
  const store = new FailingStore();
  store.failures = 2;
  const values = new Values(store, limits);
  await values.keep('run-1', 'x'.repeat(99), { withinMs: 0 });
  const answers: ErasureAnswer[] = [];
  await erasing(values, new AbortController().signal, (answer) => answers.push(answer));
  expect(answers).toEqual([{ kind: 'erasure', what: 'remove', values: 1, bytes: 101 }]);
  expect(await store.list('run-1')).toHaveLength(1);
  await expect(values.count('run-1', { withinMs: 0 })).resolves.toEqual({ values: 0, bytes: 0 });
});

test('an erasure of a host that lets go says nothing, and another host finds what is left', async () => {
  const store = new FailingStore();
  const values = new Values(store, limits);
  await values.keep('run-1', 'x'.repeat(99), { withinMs: 0 });
  const host = new AbortController();
  store.tried = () => host.abort();
  const answers: ErasureAnswer[] = [];
  await erasing(values, host.signal, (answer) => answers.push(answer));
  expect(answers).toEqual([]);
  store.failures = 0;
  await erasing(new Values(store, limits), new AbortController().signal, (answer) => answers.push(answer));
  expect(answers).toMatchObject([{ values: 1 }]);
});
