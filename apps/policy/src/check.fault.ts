import type { Decision, Input, NewEvent, TopicMessage } from '@interlock/actors';
import { InfluenceForgotten, PolicyDecided, terminalEventTypes } from '@interlock/contracts';
import { type FollowedRun, lostOn } from './followed-run.js';
import { asksAboutPlan, type RecordedPlan, type RequestedPlan } from './plan.questions.js';
import type { RequestedCall, RequestedCheck } from './questions.js';

/** What could not be judged is denied, and so is everything that waits beside it: it may be what cannot be judged. */
export function denyAll(
  code: string,
  input: Input,
  held: readonly TopicMessage[],
  run: FollowedRun | undefined,
): Decision {
  const arrived = input.kind === 'message' ? [input.message] : [];
  const followed = arrived.flatMap((message) =>
    terminalEventTypes.has(message.type) ? forgotten(message, run) : lostOn(message, run),
  );
  const denied = [...held, ...arrived].flatMap((message) => denialOf(message, code));
  return { events: [...followed, ...denied], release: held };
}

const forgotten = ({ type }: TopicMessage, run: FollowedRun | undefined): NewEvent[] =>
  run === undefined ? [] : [InfluenceForgotten({ because: type })];

type Named = Pick<Parameters<typeof PolicyDecided>[0], 'point' | 'requestId' | 'callHash'>;

function denialOf(message: TopicMessage, code: string): NewEvent[] {
  const named = namedBy(message);
  if (named === undefined) return [];
  const verdict = PolicyDecided({
    ...named,
    checkId: message.meta.id,
    verdict: 'deny',
    bundle: '',
    policies: [],
    reason: `policy could not judge it (${code})`,
    inputDigest: '',
    mode: 'enforce',
  });
  return [{ ...verdict, ref: message.offset }];
}

/** What a check is about, as it says itself: nothing is worked out from what it holds. */
function namedBy(message: TopicMessage): Named | undefined {
  const { type, data, meta } = message;
  switch (type) {
    case 'call.requested':
      return { point: 'before', requestId: meta.id, callHash: (data as RequestedCall).callHash };
    case 'check.requested': {
      const { requestId, callHash } = data as RequestedCheck;
      return { point: 'after', requestId, callHash };
    }
    case 'plan.requested':
      return { point: 'before', requestId: meta.id, callHash: (data as RequestedPlan).callHash };
    case 'plan.recorded': {
      const { planId, callHash } = data as RecordedPlan;
      return asksAboutPlan(message) ? { point: 'after', requestId: planId, callHash } : undefined;
    }
    default:
      return undefined;
  }
}
