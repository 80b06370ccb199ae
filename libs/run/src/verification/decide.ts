import {
  type CallOutcome,
  CIRCUIT_OPEN,
  type Compensation,
  DoubtResolved,
  type Failure,
  isHeldUntilExpired,
  UNAVAILABLE,
} from '@interlock/contracts';
import { askAnew, stopCall } from '../call/outcomes.js';
import type { Attempt } from '../call/owner.js';
import { performed } from '../call/performed.js';
import { askPerson, mayTryAgain, repeatAfterDoubt, tryAgain } from '../call/recovery.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { doubtedBy, isCurrent } from '../scope/called.js';

/** Whether the verify tool says that the call in doubt has happened, while that is asked. */
export const isFound = (draft: DecisionDraft, verification: CallIndex, outcome: CallOutcome): boolean =>
  isCurrent(draft.state, verification) && outcome.kind === 'succeeded' && answerIn(outcome)?.found === true;

/** What the verify tool answered about the attempt in doubt. */
export function verified(
  draft: DecisionDraft,
  verification: CallIndex,
  { outcome, before, eventId }: Attempt,
): undefined {
  const doubted = doubtedBy(draft.state, verification);
  // Otherwise something else has answered meanwhile.
  if (!isCurrent(draft.state, verification)) return;
  if (outcome.kind === 'refused' && outcome.stop !== undefined)
    return stopCall(draft, verification, outcome.stop);
  if (outcome.kind === 'refused' && isHeldUntilExpired(outcome.code))
    return askAnew(draft, verification, failureOf(outcome));
  const answer = outcome.kind === 'succeeded' ? answerIn(outcome) : undefined;
  if (answer !== undefined) return resolveDoubt(draft, doubted, answer);
  const failure = failureOf(outcome);
  if (!mayTryAgain(draft, verification, failure, before.failures)) return askPerson(draft, doubted, failure);
  tryAgain(draft, verification, failure, eventId);
}

interface Answer {
  readonly found: boolean;
  readonly output?: unknown;
  readonly compensation?: Compensation;
}

function answerIn({ output, compensation }: Extract<CallOutcome, { kind: 'succeeded' }>): Answer | undefined {
  if (typeof output !== 'object' || output === null || !('found' in output)) return undefined;
  const { found } = output;
  if (typeof found !== 'boolean') return undefined;
  if (!found) return { found };
  const wrote = { found, output: 'output' in output ? output.output : null };
  return compensation === undefined ? wrote : { ...wrote, compensation };
}

const passingRefusals: ReadonlySet<string> = new Set(['expired', 'killed', CIRCUIT_OPEN, UNAVAILABLE]);

function failureOf(outcome: CallOutcome): Failure {
  switch (outcome.kind) {
    case 'failed':
      return outcome.failure;
    case 'unknown':
      return { class: 'timeout', code: 'verify.unknown', message: outcome.because };
    case 'refused': {
      const passing = passingRefusals.has(outcome.code);
      const kind = passing ? 'transient' : 'internal';
      return { class: kind, code: `refused.${outcome.code}`, message: outcome.message };
    }
    case 'succeeded':
      return {
        class: 'invalid_output',
        code: 'verify.answer',
        message: 'it must say {found: true or false}',
      };
  }
}

function resolveDoubt(draft: DecisionDraft, doubted: CallIndex, { found, ...wrote }: Answer): undefined {
  const { step } = draft.called(doubted);
  const data = { step, callHash: draft.call(doubted).hash, happened: found, by: 'verify' } as const;
  draft.emit(DoubtResolved(found ? { ...data, ...wrote } : data));
  if (found) performed(draft, doubted);
  else repeatAfterDoubt(draft, doubted);
}
