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

test('a version is replaced when the next one of its name is published, and not again by a repetition', () => {
  const view = new ArtifactView(0);
  const at = (version: number, time: number) => {
    const { accepted, position } = batchOf(version, version);
    const [one] = accepted as { meta: object }[];
    view.take({ accepted: [{ ...one, meta: { ...one?.meta, time } }] as never, position });
  };
  at(1, 10);
  const first = view.get('table', 'rules', 1);
  if (first === undefined) throw new Error('it is not there');
  expect(view.replacedAt(first)).toBeUndefined();
  at(3, 30);
  at(3, 40);
  expect(view.replacedAt(first)).toBe(30);
});
