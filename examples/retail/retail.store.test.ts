import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cancelPendingOrder } from './desk/order.actions.ts';
import { isRefusal } from './desk/records.ts';
import { KeyReusedError, RetailStore } from './retail.store.ts';
import { smallShop } from './shop.fixture.ts';

let directory: string;
const stores: RetailStore[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'retail-'));
});
afterEach(async () => {
  for (const store of stores.splice(0)) store.close();
  await rm(directory, { recursive: true });
});

function open(): RetailStore {
  const store = RetailStore.open(directory, smallShop);
  stores.push(store);
  return store;
}

const cancel = { customer: 'ada', order_id: '#W1', reason: 'no longer needed', amount_cents: 5050 };
const write = (store: RetailStore, key: string, stated: typeof cancel = cancel) =>
  store.write({ key, tool: 'cancel_pending_order', arguments: stated }, (records) =>
    cancelPendingOrder(records, stated),
  );

test('a write happens once a key, whichever process asks again', () => {
  const [one, other] = [open(), open()];
  const first = write(one, 'k');
  expect(write(other, 'k')).toEqual(first);
  expect(one.user('ada')?.payment_methods.gift?.balance).toBe(70.5);
  expect(other.writes()).toMatchObject([
    { key: 'k', requests: 2, change: { order: { status: 'cancelled' } } },
  ]);
});

test('a refusal is an answer too, and it changes nothing', () => {
  const store = open();
  const wrong = { ...cancel, amount_cents: 1 };
  expect(write(store, 'k', wrong)).toMatchObject({ refused: 'wrong_amount' });
  expect(store.data()).toEqual(smallShop());
  expect(store.writes()).toMatchObject([{ requests: 1, refusal: { refused: 'wrong_amount' } }]);
  expect(isRefusal(write(store, 'another'))).toBe(false);
});

test('a key stands for one request', () => {
  const store = open();
  write(store, 'k');
  expect(() => write(store, 'k', { ...cancel, order_id: '#W3' })).toThrow(KeyReusedError);
  expect(store.writes()).toHaveLength(1);
  expect(store.order('#W3')?.status).toBe('pending');
});

test('records go back to what they were, keys stay', () => {
  const store = open();
  write(store, 'k');
  store.reset(smallShop());
  expect(store.data()).toEqual(smallShop());
  write(store, 'k');
  expect(store.order('#W1')?.status).toBe('pending');
});

test('what was answered is there after kill -9, and is not done again', async () => {
  const program = `
    import { RetailStore } from ${JSON.stringify(join(import.meta.dirname, 'retail.store.ts'))};
    import { cancelPendingOrder } from ${JSON.stringify(join(import.meta.dirname, 'desk/order.actions.ts'))};
    import { smallShop } from ${JSON.stringify(join(import.meta.dirname, 'shop.fixture.ts'))};
    const stated = ${JSON.stringify(cancel)};
    RetailStore.open(${JSON.stringify(directory)}, smallShop).write(
      { key: 'k', tool: 'cancel_pending_order', arguments: stated },
      (records) => cancelPendingOrder(records, stated),
    );
    process.stdout.write('written');
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exited.then(() => Promise.reject(new Error(said)))]);
  child.kill('SIGKILL');
  await exited;
  const store = open();
  expect(store.order('#W1')?.status).toBe('cancelled');
  expect(isRefusal(write(store, 'k'))).toBe(false);
  expect(store.user('ada')?.payment_methods.gift?.balance).toBe(70.5);
  expect(store.writes()).toMatchObject([{ key: 'k', requests: 2 }]);
});
