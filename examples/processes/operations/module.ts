import type { Module } from '@interlock/module';
import { partsIn } from '../module.parts.ts';
import { countOf, systems, whenIts } from '../systems.ts';

export { env } from '../systems.ts';

/** What a platform needs: incidents are worked on, data is loaded, posts are judged, people forgotten, and releases rolled out. */
const operations: Module = (kit) => {
  const { write, undoable, read, check, find, z } = systems(kit);
  const text = z.string().min(1).max(200);
  const tools = [
    ...undoable({
      name: 'pager.page',
      undo: 'pager.stand-down',
      description: 'Calls a team.',
      input: { incident: text, team: text },
    }),
    ...undoable({
      name: 'status.post',
      undo: 'status.retract',
      description: 'Tells everybody.',
      input: { incident: text, about: text },
    }),
    ...undoable({
      name: 'services.drain',
      undo: 'services.fill',
      description: 'Takes one machine of a service out.',
      input: { case: text, service: text },
    }),
    read({
      name: 'services.health',
      description: 'Says whether a service is well: it is when two of its machines are out.',
      input: { case: text, service: text },
      output: z.object({ healthy: z.boolean() }),
      answer: (given, lines) => ({ healthy: countOf('services.drain', given.case, lines) >= 2 }),
    }),
    check({
      name: 'incidents.confirm',
      description: 'Says whether an incident was one.',
      input: { incident: text },
      says: 'confirmed',
      refuses: whenIts('incident', 'false-alarm'),
    }),
    read({
      name: 'datasets.partitions',
      description: 'Names the partitions of a data set.',
      input: { dataset: text },
      output: z.object({ partitions: z.array(z.string()) }),
      answer: () => ({ partitions: ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'] }),
    }),
    ...undoable({
      name: 'datasets.load',
      undo: 'datasets.drop',
      description: 'Loads a partition beside the one that is read.',
      input: { dataset: text, partition: text },
      awayFor: ({ partition }) => (partition === 'p3' ? 1 : 0),
    }),
    read({
      name: 'datasets.count',
      description: 'Counts the rows of a partition.',
      input: { dataset: text, partition: text },
      output: z.object({ rows: z.int() }),
      answer: ({ partition }) => ({ rows: 100 * (Number(String(partition).slice(1)) + 1) }),
    }),
    check({
      name: 'datasets.verify',
      description: 'Compares what was loaded with its source.',
      input: { dataset: text, rows: z.int() },
      says: 'equal',
      refuses: whenIts('dataset', 'corrupt'),
    }),
    write({
      name: 'datasets.swap',
      description: 'Lets everybody read what was loaded.',
      input: { dataset: text },
      risk: 'high',
    }),
    read({
      name: 'posts.get',
      description: 'Reads a post.',
      input: { post: text },
      output: z.object({ author: z.string(), reports: z.int() }),
      answer: ({ post }) => ({
        author: `author-of-${post}`,
        reports: String(post).startsWith('loud') ? 20 : String(post).startsWith('odd') ? 5 : 0,
      }),
    }),
    ...undoable({
      name: 'posts.hide',
      undo: 'posts.show',
      description: 'Hides a post.',
      input: { post: text },
    }),
    ...undoable({
      name: 'notices.send',
      undo: 'notices.withdraw',
      description: 'Tells an author what was decided.',
      input: { to: text, about: text },
    }),
    check({
      name: 'posts.review',
      description: 'Says whether a decision stands after an appeal.',
      input: { post: text },
      says: 'stands',
      refuses: ({ post }) => (String(post).endsWith('overturned') ? 'overturned' : undefined),
    }),
    ...undoable({
      name: 'erasure.plan',
      undo: 'erasure.call-off',
      description: 'Plans to forget somebody.',
      input: { person: text, system: text },
    }),
    write({
      name: 'erasure.delete',
      description: 'Forgets somebody. The system knows no keys, but says what it has forgotten.',
      input: { person: text, system: text },
      risk: 'high',
      recovery: { by: 'verify', tool: 'erasure.find', settleAfter: '100ms' },
    }),
    find('erasure.find'),
    check({
      name: 'legal.check',
      description: 'Says whether somebody may be forgotten.',
      input: { person: text },
      says: 'free',
      refuses: whenIts('person', 'on-hold'),
    }),
    ...undoable({
      name: 'snapshots.take',
      undo: 'snapshots.drop',
      description: 'Takes a snapshot.',
      input: { release: text },
    }),
    ...undoable({
      name: 'hosts.deploy',
      undo: 'hosts.revert',
      description: 'Brings a release to a host.',
      input: { release: text, host: text },
    }),
    check({
      name: 'hosts.health',
      description: 'Says whether a host is well.',
      input: { release: text, host: text },
      says: 'healthy',
      refuses: ({ release, host }) =>
        String(release).startsWith('bad') && host === 'h3' ? 'unhealthy' : undefined,
    }),
  ];
  return {
    ...partsIn(import.meta.url, tools),
    schedules: [
      {
        name: 'fire-drill',
        workflow: 'incident-response',
        input: { incident: 'drill', service: 'shop' },
        cron: '0 10 1 * *',
        hours: { days: ['MON', 'TUE', 'WED', 'THU', 'FRI'], from: '09:00', to: '17:00' },
      },
      {
        name: 'nightly-load',
        workflow: 'data-pipeline',
        input: { dataset: 'sales' },
        cron: '30 1 * * *',
        timezone: 'Europe/Berlin',
        overlap: 'skip',
      },
      {
        name: 'reported-posts',
        workflow: 'moderation',
        input: { post: 'odd-post' },
        every: '10m',
        overlap: 'queue',
      },
      {
        name: 'retention',
        workflow: 'data-erasure',
        input: { person: 'oldest-account' },
        cron: '0 3 * * SUN',
      },
      {
        name: 'release-train',
        workflow: 'release',
        input: { release: 'weekly' },
        cron: '0 8 * * TUE',
        timezone: 'Asia/Kolkata',
      },
    ],
  };
};

export default operations;
