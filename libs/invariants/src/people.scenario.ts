import {
  type ApprovalEvent,
  type ApprovalRequirement,
  callHashOf,
  hashedCallOf,
  type Identity,
  type RunEvent,
} from '@interlock/contracts';
import { type Cast, readPeople } from './people.reading.js';
import type { CallRequest, Logged, Reading } from './reading.js';
import type { SentCommand, View } from './view.js';

/** An event as a scenario tells it: type, data, and what is not to be made up. */
export type Said = readonly [
  type: string,
  data: Record<string, unknown>,
  meta?: { time?: number; ref?: number },
];

export interface Scenario {
  readonly run: readonly Said[];
  readonly approval: readonly Said[];
  /** Votes as they were sent; undefined: nobody knows. */
  readonly cast?: readonly Cast[];
  readonly sent?: readonly SentCommand[];
}

export const fin: Identity = { sub: 'fin', roles: ['finance'] };
export const fay: Identity = { sub: 'fay', roles: ['finance'] };
export const dan: Identity = { sub: 'dan', roles: ['director'] };
export const ada: Identity = { sub: 'ada', roles: ['finance'] };

export const dual: ApprovalRequirement = { kind: 'dual', approvers: ['finance'], escalateTo: ['director'] };

/** The reading of a scenario in which one run asks people; `ended`: everything had its time. */
export function readingOf({ run, approval, cast, sent = [] }: Scenario, ended = true): Reading {
  const events = logged<RunEvent>('run.events', run);
  const runs = new Map([['run', events]]);
  const topics = new Map(cast === undefined ? [] : [['approval.commands', [cast.map(recordOf)]]]);
  const view: View = { topics, ended, commands: sent };
  const callRequests = new Map(
    events.flatMap((event) =>
      event.type === 'call.requested' ? [[event.meta.id, event as CallRequest] as const] : [],
    ),
  );
  const people = readPeople(view, logged<ApprovalEvent>('approval.events', approval), runs);
  return { view, runs, callRequests, people } as unknown as Reading;
}

/** Every event lands an hour after the one before, in both topics at once. */
function logged<Event>(topic: string, said: readonly Said[]): Logged<Event>[] {
  return said.map(([type, data, meta = {}], offset) => {
    const landedAt = (topic === 'run.events' ? 1_000 : 0) + offset;
    const named = { id: `run/${offset + 1}`, run: 'run', seq: offset + 1, time: offset, ...meta };
    return { type, data, topic, partition: 0, offset, landedAt, meta: named } as unknown as Logged<Event>;
  });
}

const recordOf = (cast: Cast, offset: number) => ({
  offset,
  key: 'run',
  headers: { t: Buffer.from('approval.vote/1') },
  value: Buffer.from(JSON.stringify(cast)),
});

const call = {
  step: 'pay',
  tool: 'pay',
  toolHash: 'h',
  salt: 'a-salt-of-128-bits-0_0',
  arguments: { amount: 700 },
  occurrence: 1,
  generation: 1,
};
export const callHash = callHashOf(hashedCallOf('run', call));

const subject = { approvalId: 'run.2', callHash };
const opening = {
  ...subject,
  step: 'pay',
  requirement: dual,
  requester: 'ada',
  shapedBy: ['ada', 'sig'],
  why: [],
  reason: '',
};

export const voteOf = (by: Identity, commandId: string, vote = 'approve'): Cast =>
  ({ commandId, approvalId: 'run.2', runId: 'run', by, vote, callHash, reason: 'fine', issuedAt: 5 }) as Cast;

export const voted = (by: Identity, commandId: string, vote = 'approve'): Said => [
  'approval.voted',
  { approvalId: 'run.2', commandId, by, vote, callHash, reason: 'fine' },
];

/** What a grant says of votes that stand at these offsets of approval.events. */
export const counted = (...votes: readonly (readonly [by: Identity, at: number])[]) =>
  votes.map(([by, at]) => ({ by, vote: 'approve', callHash, reason: 'fine', at }));

export const granted = (votes = counted([fin, 1], [fay, 2])): Said => [
  'approval.granted',
  { ...subject, votes },
];

export const opened: Said = ['approval.opened', { ...opening, expiresAt: 100, escalateAt: 50 }, { ref: 1 }];

export const confirmed = (votes = counted([fin, 1], [fay, 2])): Said => [
  'approval.confirmed',
  { ...subject, requestId: 'run/7', votes, requester: 'ada', grantId: 'run.2/granted' },
  { ref: 6 },
];

/** A run asks two people, both agree, and it requests the call that they have seen. */
export const healthy: Scenario = {
  run: [
    ['run.started', { by: ada }],
    ['approval.requested', { ...opening, subject: { kind: 'call', requestId: 'run/0', ...call } }],
    opened,
    voted(fin, 'c1'),
    voted(fay, 'c2'),
    granted(),
    ['call.requested', { ...call, callHash, approvalId: 'run.2', principal: { requester: 'ada' } }],
  ],
  approval: [opened, voted(fin, 'c1'), voted(fay, 'c2'), granted(), confirmed()],
  cast: [voteOf(fin, 'c1'), voteOf(fay, 'c2')],
};

/** The healthy scenario with other words of the approval service. */
export const where = (
  change: (approval: readonly Said[]) => readonly Said[],
  more: Partial<Scenario> = {},
): Scenario => ({
  ...healthy,
  approval: change(healthy.approval),
  ...more,
});

/** The healthy scenario with one more word of the approval service, behind the others. */
export const withMore = (...said: readonly Said[]): Scenario => where((approval) => [...approval, ...said]);
