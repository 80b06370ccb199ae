import { join } from 'node:path';
import { acls, serviceNames, topics } from '@interlock/contracts';
import { freePort } from '@interlock/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOrderSystem } from '../../../examples/refund-desk/order-system.process.ts';
import { refundRequests, workflow } from '../../../examples/refund-desk/requests.ts';
import { eventually } from '../../e2e/eventually.ts';
import { SystemClient } from '../../e2e/system.client.ts';
import { AclCluster } from './acl.cluster.ts';
import { allReady, ServiceProcess, serviceNames as started } from './service.process.ts';

let cluster: AclCluster;
beforeAll(async () => {
  cluster = await AclCluster.start();
}, 120_000);
afterAll(() => cluster.stop());

const isAllowed = (user: string, topic: string): boolean =>
  acls().some(
    ({ principal, resource, name, operation }) =>
      principal === user && resource === 'topic' && name === topic && operation === 'Write',
  );

test('every service, each as its own principal, does its work with what the table allows; a trigger reads the topic that it may, and no other', async () => {
  await cluster.foreignTopic('shop.orders', ['gateway', 'orchestrator']);
  await cluster.foreignTopic('shop.half', ['gateway']);
  await cluster.foreignTopic('shop.events', []);
  const orders = await startOrderSystem(join(cluster.place.directory, 'orders'), {});
  const port = String(await freePort());
  const keys = join(cluster.place.directory, 'data', 'keys');
  const processes = started.map(
    (name) =>
      new ServiceProcess([name], {
        ...cluster.environmentOf(name),
        INTERLOCK_PORT: port,
        INTERLOCK_DEMO: '0',
        INTERLOCK_KEYS_DIR: keys,
        INTERLOCK_DATA_DIR: join(cluster.place.directory, 'data', name),
        INTERLOCK_MODULES:
          'examples/refund-desk/module.ts,test/chaos/ledger.module.ts,test/chaos/kafka/topics.module.ts',
        REFUND_DESK_URL: orders.url,
        LEDGER_FILE: join(cluster.place.directory, 'ledger.jsonl'),
      }),
  );
  try {
    await allReady(() => processes);
    const client = new SystemClient(`http://127.0.0.1:${port}`, keys);
    for (const { input, expected } of refundRequests().filter((_, at) => at % 3 === 0)) {
      const { runId } = await client.start(workflow, input);
      expect([input, (await client.settled(runId)).status]).toEqual([input, expected.status]);
    }
    await readsItsTopics(
      client,
      processes.find(({ name }) => name === 'gateway'),
    );
  } finally {
    await Promise.all(processes.map((one) => one.kill()));
    await orders.stop();
  }
}, 300_000);

async function readsItsTopics(client: SystemClient, gateway: ServiceProcess | undefined): Promise<void> {
  const entries = async () =>
    (await client.runs()).flatMap(({ status, input }) => {
      const { entry } = input as { entry?: string };
      return entry === undefined || status !== 'completed' ? [] : [entry];
    });
  await cluster.tells('shop.events', { order: 'forbidden' });
  await cluster.tells('shop.half', { order: 'half', paid: true });
  await cluster.tells('shop.orders', { order: 'allowed', paid: true });
  await eventually(
    'the event of the topic that is allowed',
    async () => (await entries()).length > 0,
    60_000,
  );
  const isSaid = () =>
    gateway?.log.some(
      ({ topic, because }) => topic === 'shop.events' && /may not read/.test(String(because)),
    );
  await eventually('the gateway to say what it may not read', () => isSaid() === true, 60_000);
  // The orchestrator takes nobody's word for a record, and may not read this one: no other command waits for that.
  const aside = async () =>
    (await client.get<{ items: { code: string; message: string }[] }>('/v1/quarantine?service=orchestrator'))
      .body.items;
  await eventually(
    'what only the gateway may read to be set aside',
    async () => (await aside()).length > 0,
    60_000,
  );
  expect(await aside()).toMatchObject([
    { code: 'authority.topic', message: expect.stringContaining('may not read shop.half') },
  ]);
  expect(await entries()).toEqual(['allowed']);
}

test('a write outside the table is refused, for every principal and topic', async () => {
  const users = [...serviceNames, 'stranger'];
  let refused = 0;
  for (const user of users) {
    const write = await cluster.writer(user);
    for (const { name } of topics) {
      const answer = await write(name);
      expect([user, name, answer]).toEqual([
        user,
        name,
        isAllowed(user, name) ? 'written' : 'not authorized',
      ]);
      if (answer === 'not authorized') refused += 1;
    }
  }
  expect(refused).toBe(users.length * topics.length - topics.length);
}, 120_000);
