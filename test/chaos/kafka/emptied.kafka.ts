import kafkajs, { type Admin } from 'kafkajs';
import { Link } from '../../../libs/broker/src/kafka/link.ts';
import { eventually } from '../../e2e/eventually.ts';

const WITHIN_MS = 30_000;

/** Resolves when no topic and no consumer group is left of whatever this Kafka was used for before. */
export async function emptied(brokers: string): Promise<void> {
  const client = { clientId: 'emptier', brokers: [brokers] };
  const admin = new kafkajs.Kafka({ ...client, logLevel: kafkajs.logLevel.NOTHING }).admin();
  const link = new Link(client, WITHIN_MS);
  await admin.connect();
  try {
    await eventually('no group to be left', () => hasNoGroup(admin, link), WITHIN_MS);
    const topics = await topicsOf(admin);
    if (topics.length > 0) await admin.deleteTopics({ topics });
    // The broker learns from the controller what is deleted.
    await eventually('no topic to be left', async () => (await topicsOf(admin)).length === 0, WITHIN_MS);
  } finally {
    link.close();
    await admin.disconnect();
  }
}

/** All but those of Kafka itself. */
const topicsOf = async (admin: Admin): Promise<string[]> =>
  (await admin.listTopics()).filter((name) => !name.startsWith('__'));

/** A group with members is not deleted, and a process that was killed stays a member until its session has run out. */
async function hasNoGroup(admin: Admin, link: Link): Promise<boolean> {
  const ids = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
  if (ids.length === 0) return true;
  const { groups } = await admin.describeGroups(ids);
  // What is refused here has gone by itself meanwhile, or is seen again next time.
  for (const { groupId, members } of groups)
    for (const { memberId } of members) await removeMember(link, groupId, memberId).catch(() => undefined);
  await admin.deleteGroups(ids).catch(() => undefined);
  return false;
}

const removeMember = (link: Link, groupId: string, memberId: string) =>
  link.retry([], WITHIN_MS, async (cluster) => {
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    await coordinator.leaveGroup({ groupId, memberId });
  });
