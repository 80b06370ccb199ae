import { ArtifactPublished } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { ArtifactView } from './artifacts.js';

const batchOf = (version: number, next: number) => ({
  accepted: [
    {
      wires: [ArtifactPublished.wire],
      meta: { id: `artifact-${version}`, epoch: 0, index: 1, time: 0 },
      record: {
        value: Buffer.from(
          JSON.stringify({
            kind: 'table',
            name: 'rules',
            version,
            document: {},
            hash: `hash-${version}`,
            by: { sub: 'ada', roles: [] },
            commandId: `command-${version}`,
          }),
        ),
      },
    },
  ] as never,
  position: { offset: next, epoch: 0, index: 1 },
});

test('nothing counts as read before everything of before the start is', async () => {
  const view = new ArtifactView(10);
  let isRead = false;
  const read = view.whenRead().then(() => {
    isRead = true;
  });
  view.take(batchOf(1, 9));
  await Promise.resolve();
  expect([isRead, view.missing]).toEqual([false, 1]);

  view.take(batchOf(2, 10));
  await read;

  expect(view.missing).toBe(0);
  await view.whenRead();
});

test('the newest version is found by name, every one by its hash', () => {
  const view = new ArtifactView(0);
  view.take(batchOf(2, 2));
  view.take(batchOf(1, 3));
  expect(view.get('table', 'rules')?.version).toBe(2);
  expect(view.get('table', 'rules', 1)?.hash).toBe('hash-1');
  expect(view.byHash('hash-2')?.version).toBe(2);
});

test('whoever waits for an artifact is told whenever something was read, until it stops listening', () => {
  const view = new ArtifactView(0);
  const found: (number | undefined)[] = [];
  const stop = view.onRead(() => found.push(view.byHash('hash-1')?.version));
  view.take(batchOf(1, 2));
  stop();
  view.take(batchOf(2, 3));
  expect(found).toEqual([1]);
});
