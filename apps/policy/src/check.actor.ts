/*
 * C1  Every check is answered once: a check is dealt with in the decision that answers it, or held until one does.
 * C2  Nothing is kept from one arming to the next, and nothing is held that no later event can release.
 */
import type { Actor, Context, Decision, Input, NewEvent, TopicMessage } from '@interlock/actors';
import {
  approvalEvents,
  type CallDisarmed,
  PolicyDecided,
  runEvents,
  terminalEventTypes,
} from '@interlock/contracts';
import type { z } from 'zod';
import type { ArmedCall, RequestedCheck } from './questions.js';
import { recordedOutput } from './recorded-output.js';
import type { Verdict, Verdicts } from './verdicts.js';

/** How long a check waits for artifacts that were published but not yet read here, ms. Then the answer is no. */
export const ARTIFACT_LAG_MS = 1_000;

/** The checks of one run. It keeps no state: what waits is held, everything else is answered at once. */
export function checkActor(verdicts: Verdicts): Actor<never> {
  return {
    name: 'check',
    inputs: {
      [runEvents.name]: new Set([
        'call.armed',
        'call.disarmed',
        'call.recorded',
        'call.late_recorded',
        'check.requested',
        ...terminalEventTypes,
      ]),
      [approvalEvents.name]: new Set(),
    },
    key: ({ meta }) => meta.run,
    decide: (input, _state, context, key) => decide(verdicts, key, input, context),
    evolve: () => undefined,
    due: (_state, { held }) => {
      const [first] = held.filter(waitsForArtifacts);
      return first && first.meta.time + ARTIFACT_LAG_MS;
    },
  };
}

function decide(verdicts: Verdicts, runId: string, input: Input, context: Context): Decision {
  const answering = new Answering(verdicts, runId, context);
  answering.again();
  const isHeld = input.kind === 'message' && take(input.message, answering, context);
  return { events: answering.events, release: [...answering.released], hold: isHeld };
}

/** Deals with one event of the run; true: it must be held. */
function take(message: TopicMessage, answering: Answering, { held }: Context): boolean {
  answering.release(held.filter((earlier) => isOrphan(earlier, message, held)));
  switch (message.type) {
    case 'call.armed':
    case 'check.requested':
      return !answering.answer(message);
    case 'call.recorded':
    case 'call.late_recorded':
      return recordedOutput(message) !== undefined;
    case 'call.disarmed': {
      const { armId } = message.data as z.output<typeof CallDisarmed.schema>;
      answering.release(held.filter(({ type, meta }) => type === 'call.armed' && meta.id === armId));
      return false;
    }
    default:
      answering.release(held);
      return false;
  }
}

/** The answers of one decision. */
class Answering {
  readonly events: NewEvent[] = [];
  readonly released = new Set<TopicMessage>();

  constructor(
    private readonly verdicts: Verdicts,
    private readonly runId: string,
    private readonly context: Context,
  ) {}

  release(messages: readonly TopicMessage[]): void {
    for (const message of messages) this.released.add(message);
  }

  /** Answers what waited for artifacts, where they have come or the wait is over. */
  again(): void {
    const waiting = this.context.held.filter(waitsForArtifacts);
    this.release(waiting.filter((message) => this.answer(message)));
  }

  /** False when it has to wait. */
  answer(message: TopicMessage): boolean {
    const { toolHash } = message.data as ArmedCall | RequestedCheck;
    const isLate = this.context.now >= message.meta.time + ARTIFACT_LAG_MS;
    if (isHeldForApproval(message) || !(isLate || this.verdicts.canJudge(toolHash))) return false;
    const verdict = message.type === 'call.armed' ? this.#before(message) : this.#after(message);
    this.events.push({ ...PolicyDecided(verdict), ref: message.offset });
    return true;
  }

  #before({ meta, data }: TopicMessage): Verdict {
    const { runId } = this;
    return this.verdicts.before({ checkId: meta.id, runId, call: data as ArmedCall, approved: false });
  }

  #after({ meta, data }: TopicMessage): Verdict {
    const check = data as RequestedCheck;
    const outcome = this.context.held.find((message) => recordedOutput(message)?.armId === check.armId);
    if (outcome !== undefined) this.release([outcome]);
    const recorded = outcome && recordedOutput(outcome);
    return this.verdicts.after({ checkId: meta.id, check, recorded });
  }
}

/** The confirmation of the approval it names has to come first; nothing else answers it. */
const isHeldForApproval = ({ type, data }: TopicMessage): boolean =>
  type === 'call.armed' && (data as ArmedCall).approvalId !== undefined;

const waitsForArtifacts = (message: TopicMessage): boolean =>
  (message.type === 'call.armed' || message.type === 'check.requested') && !isHeldForApproval(message);

/**
 * An outcome and its check come from one decision of the run, so they name the same cause. An outcome without its check
 * when an event of another decision comes will never be asked about.
 */
function isOrphan(earlier: TopicMessage, message: TopicMessage, held: readonly TopicMessage[]): boolean {
  const output = recordedOutput(earlier);
  if (output === undefined || earlier.meta.cause === message.meta.cause) return false;
  const { armId } = output;
  return !held.some(
    ({ type, data }) => type === 'check.requested' && (data as RequestedCheck).armId === armId,
  );
}
