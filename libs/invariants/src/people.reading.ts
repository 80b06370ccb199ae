import {
  type ApprovalEvent,
  CastVote,
  type Identity,
  type MessageOf,
  type RunEvent,
} from '@interlock/contracts';
import type { Asked } from './quorum.js';
import { dataOf, groupBy, type Logged } from './reading.js';
import type { View } from './view.js';

export type Requested = Logged<Extract<RunEvent, { type: 'approval.requested' }>>;
export type Confirmation = Logged<Extract<ApprovalEvent, { type: 'approval.confirmed' }>>;
export type Cast = MessageOf<typeof CastVote>['data'];

/** What runs asked people, what people sent, and what the approval service made of it. */
export interface People {
  /** What was asked, by approval. */
  readonly requested: ReadonlyMap<string, Requested>;
  /** What the approval service says of each approval, in order. */
  readonly said: ReadonlyMap<string, readonly Logged<ApprovalEvent>[]>;
  /** By the request they speak about. */
  readonly confirmations: ReadonlyMap<string, readonly Confirmation[]>;
  /** Votes as they were sent, by command; undefined: the view does not hold them. */
  readonly cast: ReadonlyMap<string, readonly Cast[]> | undefined;
  /** Runs whose approvals the service has let go. */
  readonly closed: ReadonlySet<string>;
  /** Who started each run. */
  readonly starters: ReadonlyMap<string, Identity>;
}

/** What was asked, and who has no vote on it: at least whoever started the run, whatever the request says. */
export const askedIn = ({ data }: Requested, starter: Identity): Asked => ({
  callHash: data.callHash,
  shapedBy: [starter.sub, ...data.shapedBy],
  tenant: starter.tenant,
});

export function readPeople(
  view: View,
  events: readonly Logged<ApprovalEvent>[],
  runs: ReadonlyMap<string, readonly Logged<RunEvent>[]>,
): People {
  const about = events.filter(({ data }) => 'approvalId' in data);
  const requested = new Map<string, Requested>();
  const starters = new Map<string, Identity>();
  for (const [run, all] of runs) {
    for (const event of all) {
      if (event.type === 'run.started') starters.set(run, event.data.by);
      if (event.type === 'approval.requested') requested.set(event.data.approvalId, event);
    }
  }
  const confirmed = about.filter((event): event is Confirmation => event.type === 'approval.confirmed');
  return {
    requested,
    starters,
    said: groupBy(about, ({ data }) => data.approvalId),
    confirmations: groupBy(confirmed, ({ data }) => data.requestId),
    cast: castIn(view),
    closed: new Set(events.filter((event) => !about.includes(event)).map(({ meta }) => meta.run)),
  };
}

/** Every record of the votes' topic that can be one. */
function castIn({ topics }: View): People['cast'] {
  const records = topics.get('approval.commands');
  if (records === undefined) return undefined;
  const votes = records.flat().flatMap((record): Cast[] => {
    if (!String(Buffer.from(record.headers.t ?? '')).startsWith('approval.vote/')) return [];
    try {
      return [CastVote.schema.parse(dataOf(record))];
    } catch {
      return [];
    }
  });
  return groupBy(votes, ({ commandId }) => commandId);
}
