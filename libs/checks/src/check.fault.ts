import { endsForGood, InfluenceForgotten, PolicyDecided } from '@interlock/contracts';
import {
  type Answered,
  type CheckDecision,
  type CheckInput,
  type Question,
  questionIn,
  type Received,
} from './check.messages.js';
import { type FollowedRun, lostOn } from './followed-run.js';

/** A question that policy could not decide is denied, and so are all that wait beside it: one of them may be the cause. */
export function denyAll(
  code: string,
  input: CheckInput,
  deferred: readonly Received[],
  run: FollowedRun | undefined,
): CheckDecision {
  const arrived = input.kind === 'message' ? [input.message] : [];
  const followed = arrived.flatMap((message): readonly Answered[] =>
    endsForGood(message) ? forgotten(message, run) : lostOn(message, run),
  );
  const denied = [...deferred, ...arrived].flatMap((message) => denialOf(message, code));
  return { events: [...followed, ...denied], release: deferred };
}

const forgotten = ({ type }: Received, run: FollowedRun | undefined): Answered[] =>
  run === undefined ? [] : [InfluenceForgotten({ because: type })];

type Named = Pick<Parameters<typeof PolicyDecided>[0], 'point' | 'requestId' | 'planId' | 'callHash'>;

function denialOf(message: Received, code: string): Answered[] {
  const question = questionIn(message);
  if (question === undefined) return [];
  const verdict = PolicyDecided({
    ...namedBy(question),
    checkId: message.meta.id,
    verdict: 'deny',
    bundle: '',
    policies: [],
    reason: `policy could not judge it (${code})`,
    inputDigest: '',
  });
  return [{ ...verdict, ref: message.offset }];
}

/** What a check is about, as it says itself: nothing is worked out from what it holds. */
function namedBy({ type, data }: Question): Named {
  switch (type) {
    case 'call.requested':
    case 'plan.requested':
      return { point: 'before', callHash: data.callHash };
    case 'call.recorded':
    case 'call.late_recorded':
      return { point: 'after', requestId: data.requestId };
    case 'plan.recorded':
      return { point: 'after', planId: data.planId };
  }
}
