import type { StoredRecord } from '@interlock/broker';
import { runEvents } from '@interlock/contracts';
import type { EventFeed } from '@interlock/projection';
import { inlineReadModel, type ReadModel, runFold } from '@interlock/read-model';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventLog, lifeOf } from '../../../../libs/read-model/test/run.records.js';
import type { CaughtUp } from '../runs/caught.up.js';
import { FeedOpener } from './feed.opener.js';
import { RunEventTail } from './run.event.tail.js';
import { RunTenants } from './run.tenants.js';

const manifests = { redactionOf: () => undefined, settle: async () => undefined };

let log: EventLog;
let model: ReadModel;
beforeEach(() => {
  log = new EventLog();
  model = inlineReadModel(':memory:', runFold, { readAt: async () => [] }, () => undefined);
});
afterEach(() => model.close());

const lives = (runId: string, tenant?: string) =>
  log.append(lifeOf(runId, tenant).map((event) => [runId, event] as const));

/** Of the tenant `acme`, over a log of which the read model has read nothing before `inputs` is asked. */
const openedOver = (inputs: CaughtUp, from?: string): Promise<EventFeed> => {
  const broker = {
    bounds: async () => ({ start: 0, end: log.records.length }),
    readAt: async (_topic: string, _partition: number, offsets: readonly number[]) =>
      offsets.flatMap((offset) => log.records[offset] ?? []),
    async *read(_topic: string, _partition: number, from: number): AsyncGenerator<StoredRecord[]> {
      yield log.records.slice(from);
    },
  };
  const tenants = new RunTenants(model, inputs);
  return new FeedOpener(new RunEventTail(broker), broker, model, 1, manifests, tenants).open(from, 'acme');
};

const reads = () => model.feed(runEvents.name, 0, log.records);

async function subjectsIn(feed: EventFeed): Promise<string[]> {
  const subjects = new Set<string>();
  for await (const told of feed.toPresentEnd())
    for (const { json } of told) subjects.add(JSON.parse(json).subject);
  return [...subjects];
}

test('what a tenant’s reader sees of a run does not depend on how far the read model was just then', async () => {
  await lives('ours', 'acme');
  await lives('theirs', 'other');
  const caughtUp = async (partition: number) => {
    expect(partition).toBe(0);
    reads();
    return true;
  };
  expect(await subjectsIn(await openedOver({ caughtUp }))).toEqual(['ours']);
});

test('while nobody can say whose a run is, its events are neither told nor passed over', async () => {
  await lives('ours', 'acme');
  const behind = await openedOver({ caughtUp: async () => false });
  await expect(subjectsIn(behind)).rejects.toMatchObject({ status: 503 });
  reads();
  expect(await subjectsIn(await openedOver({ caughtUp: async () => true }, behind.position))).toEqual([
    'ours',
  ]);
});

test.each([
  ['less of a claim than there is in front of it', [2, 2, 0, 0]],
  ['events before the first claim', [0, 1, 96, 0]],
])(
  'a position that has seen %s is of another log: this one is not called corrupt',
  async (_what, numbers) => {
    await lives('ours', 'acme');
    reads();
    const forged = Buffer.from([1, ...numbers]).toString('base64url');
    const feed = await openedOver({ caughtUp: async () => true }, forged);
    await expect(subjectsIn(feed)).rejects.toMatchObject({ status: 409 });
  },
);

test('events of a run that has no beginning are passed over, once everything is read', async () => {
  await log.append(
    lifeOf('cut', 'acme')
      .slice(1)
      .map((event) => ['cut', event] as const),
  );
  await lives('ours', 'acme');
  const caughtUp = async () => {
    reads();
    return true;
  };
  expect(await subjectsIn(await openedOver({ caughtUp }))).toEqual(['ours']);
});
