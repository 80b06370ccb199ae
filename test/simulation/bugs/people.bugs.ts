import type { Input, NewEvent } from '@interlock/actors';
import {
  ApprovalGranted,
  ApprovalVoted,
  type CastVote,
  type CastVoteRecord,
  type MessageOf,
} from '@interlock/contracts';
import type { PlantedBug, SimulatedService, SimulatedSpec } from '@interlock/simulation';
import { type AnyActor, changingEvents, hearing, withData, wrapping } from './wrapped.actor.ts';

type Vote = MessageOf<typeof CastVote>['data'];

/** As much of the approval service's state as these bugs know. */
interface Asked {
  readonly status: string;
  readonly callHash: string;
  readonly votes: readonly CastVoteRecord[];
}
interface People {
  readonly approvals: Readonly<Record<string, Asked>>;
}

/** The approval service decides on another memory of each request than the one its log gives. */
const remembering = (change: (asked: Asked, input: Input) => Partial<Asked> & Record<string, unknown>) =>
  wrapping('approval', (actor) => ({
    decide(input, state, context, key) {
      const { approvals } = (state ?? { approvals: {} }) as People;
      const changed = Object.entries(approvals).map(([id, asked]) => [
        id,
        { ...asked, ...change(asked, input) },
      ]);
      const believed = state === undefined ? state : { approvals: Object.fromEntries(changed) };
      return actor.decide(input, believed, context, key);
    },
  }));

const isVote = (input: Input): boolean => input.kind === 'message' && input.message.type === 'approval.vote';

/** A second vote of somebody who has voted counts like the first. */
function countingTwice(actor: AnyActor): Partial<AnyActor> {
  return {
    decide(input, state, context, key) {
      const decision = actor.decide(input, state, context, key);
      const refused = decision.events.find(
        ({ data }) => (data as { code?: string }).code === 'already_voted',
      );
      if (refused === undefined || input.kind !== 'message') return decision;
      const { approvalId, commandId, by, vote, reason } = input.message.data as Vote;
      const { callHash, votes } = (state as People).approvals[approvalId] as Asked;
      const both = [...votes, { by, vote, callHash, reason, at: context.now }];
      const events: NewEvent[] = [
        ApprovalVoted({ approvalId, commandId, by, vote, callHash, reason }),
        ApprovalGranted({ approvalId, callHash, votes: both }),
      ];
      return { ...decision, events };
    },
  };
}

/** A process knows the votes that it has taken itself. */
function forgettingOthers(service: SimulatedService, spec: SimulatedSpec): SimulatedSpec {
  const mine = new Set<string>();
  const isMine = ({ by, at }: CastVoteRecord): boolean => mine.has(`${by.sub} ${at}`);
  const forgetting = remembering(({ status, votes }) =>
    status === 'open' ? { votes: votes.filter(isMine) } : {},
  );
  const noting = wrapping('approval', (actor) => ({
    evolve(state, event, key) {
      return actor.evolve(state, event, key);
    },
    decide(input, state, context, key) {
      const decision = actor.decide(input, state, context, key);
      for (const { type, data } of decision.events)
        if (type === 'approval.voted') mine.add(`${(data as Vote).by.sub} ${context.now}`);
      return decision;
    },
  }));
  return forgetting(service, noting(service, spec));
}

const executor = 'tool-executor';

/** Policy hears of no approval, and the executor neither of that nor that people were wanted. */
function unawaited(service: SimulatedService, spec: SimulatedSpec): SimulatedSpec {
  const deaf = hearing((message) => {
    if (message.type === 'call.requested') return withData(message, { approvalId: undefined });
    return service === executor && message.type === 'policy.decided'
      ? withData(message, { approval: undefined })
      : message;
  });
  return wrapping(executor, deaf)(service, wrapping('policy', deaf)(service, spec));
}

export const peopleBugs: readonly PlantedBug[] = [
  {
    name: 'executor-asks-nobody',
    wrong: 'the executor does not see that a verdict asks for people',
    by: ['I4'],
    spec: wrapping(
      executor,
      hearing((message) =>
        message.type === 'policy.decided' ? withData(message, { approval: undefined }) : message,
      ),
    ),
  },
  {
    name: 'confirmations-not-awaited',
    wrong: 'policy and executor take it for granted that people allowed what a request says they did',
    by: ['I4'],
    spec: unawaited,
  },
  {
    name: 'person-counted-twice',
    wrong: 'two votes of one person are two people',
    by: ['I4'],
    spec: wrapping('approval', countingTwice),
  },
  {
    name: 'requester-may-vote',
    wrong: 'who asks may vote',
    by: ['I4'],
    spec: remembering(() => ({ requester: '', shapedBy: [] })),
  },
  {
    name: 'expiry-grants',
    wrong: 'silence is a yes',
    by: ['I4'],
    spec: wrapping('approval', (actor) => ({
      decide(input, state, context, key) {
        const decision = actor.decide(input, state, context, key);
        const events = decision.events.map((event): NewEvent => {
          if (event.type !== 'approval.expired') return event;
          const { approvalId } = event.data as { approvalId: string };
          const { callHash, votes } = (state as People).approvals[approvalId] as Asked;
          return ApprovalGranted({ approvalId, callHash, votes: [...votes] });
        });
        return { ...decision, events };
      },
    })),
  },
  {
    name: 'late-votes-count',
    wrong: 'what people said after the time was up counts',
    by: ['I4'],
    spec: remembering(({ status }, input) =>
      isVote(input) && (status === 'expired' || status === 'open')
        ? { status: 'open', expiresAt: Number.MAX_SAFE_INTEGER }
        : {},
    ),
  },
  {
    name: 'votes-forgotten',
    wrong: 'votes are forgotten when another host takes over',
    by: ['I4'],
    spec: forgettingOthers,
  },
  {
    name: 'repeated-vote-counts',
    wrong: 'the approval service forgets which votes it has answered',
    by: ['I9'],
    spec: remembering(() => ({ commands: [] })),
  },
  {
    name: 'early-escalation',
    wrong: 'the next group may vote before it is asked',
    by: ['I4'],
    spec: remembering(() => ({ isEscalated: true })),
  },
  {
    name: 'opened-is-granted',
    wrong: 'the run takes a request that was opened for one that was granted',
    by: ['I11'],
    spec: wrapping(
      'orchestrator',
      hearing((message) => {
        if (message.type !== 'approval.opened') return message;
        const votes = ['lea', 'lou'].map((sub) => ({
          by: { sub, roles: ['lead'] },
          vote: 'approve',
          at: 0,
          reason: '',
        }));
        return { ...withData(message, { votes }), type: 'approval.granted' };
      }),
    ),
  },
  {
    name: 'other-requirement',
    wrong: 'what needs two people is opened for one',
    by: ['I11'],
    spec: wrapping(
      'approval',
      changingEvents((event) => {
        if (event.type !== 'approval.opened') return event;
        const { requirement } = event.data as { requirement: object };
        return {
          ...event,
          data: { ...(event.data as object), requirement: { ...requirement, kind: 'single' } },
        };
      }),
    ),
  },
];
