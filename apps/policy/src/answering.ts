import type { Context, NewEvent, TopicMessage } from '@interlock/actors';
import { PolicyDecided } from '@interlock/contracts';
import { answersTo, confirmationIn } from './approval-answer.js';
import type { Following } from './followed-run.js';
import { asksAboutPlan, type RecordedPlan, type RequestedPlan } from './plan.questions.js';
import type { RequestedCall, RequestedCheck } from './questions.js';
import { recordedOutput } from './recorded-output.js';
import type { Verdict, Verdicts } from './verdicts.js';

/** How long a check waits for artifacts that were published but not yet read here, ms. Then the answer is no. */
export const ARTIFACT_LAG_MS = 1_000;
/** Checks that one decision answers at most; the rest is due at once. */
const ANSWERS_MAX = 100;

/** The answers of one decision, and the held messages that are dealt with by it. */
export class Answering {
  readonly events: NewEvent[] = [];
  readonly released = new Set<TopicMessage>();

  constructor(
    private readonly verdicts: Verdicts,
    private readonly runId: string,
    private readonly following: Following,
    private readonly context: Context,
    /** What the decision is about, not held yet. */
    private readonly arrived: TopicMessage | undefined,
  ) {}

  release(messages: readonly TopicMessage[]): void {
    for (const message of messages) this.released.add(message);
  }

  /** Answers what waited for artifacts, where they have come or the wait is over. */
  again(): void {
    const { held } = this.context;
    for (const message of held) {
      if (this.events.length >= ANSWERS_MAX) return;
      if (waitsForArtifacts(message, held) && this.answer(message)) this.release([message]);
    }
  }

  /** False when it has to wait. */
  answer(message: TopicMessage): boolean {
    const isLate = this.context.now >= message.meta.time + ARTIFACT_LAG_MS;
    if (namesApproval(message) && this.#answersTo(message).length === 0) return false;
    if (!isLate && !this.#canJudge(message)) return false;
    this.events.push({ ...PolicyDecided(this.#verdictOn(message)), ref: message.offset });
    return true;
  }

  #canJudge({ type, data }: TopicMessage): boolean {
    const { plans } = this.verdicts;
    if (type === 'plan.requested') return plans.canJudge(data as RequestedPlan);
    if (type === 'plan.recorded') return plans.canJudge({ tools: [] });
    return this.verdicts.canJudge((data as RequestedCall | RequestedCheck).toolHash, this.following.run);
  }

  #verdictOn(message: TopicMessage): Verdict {
    const { type, data, meta } = message;
    if (type === 'plan.requested') return this.verdicts.plans.before(meta.id, data as RequestedPlan);
    if (type === 'plan.recorded') return this.verdicts.plans.after(meta.id, data as RecordedPlan);
    return type === 'call.requested' ? this.#before(message) : this.#after(message);
  }

  #before(callRequest: TopicMessage): Verdict {
    const call = callRequest.data as RequestedCall;
    const asked = { checkId: callRequest.meta.id, runId: this.runId, call, run: this.following.run };
    if (!namesApproval(callRequest)) return this.verdicts.before(asked);
    const answers = this.#answersTo(callRequest);
    this.release(answers.filter((answer) => answer !== this.arrived));
    const verdict = this.verdicts.before({ ...asked, confirmation: confirmationIn(answers) });
    if (verdict.verdict === 'allow') this.following.approved(call);
    return verdict;
  }

  #after({ meta, data }: TopicMessage): Verdict {
    const check = data as RequestedCheck;
    const outcome = this.context.held.find(
      (message) => recordedOutput(message)?.requestId === check.requestId,
    );
    if (outcome !== undefined) this.release([outcome]);
    const recorded = outcome && recordedOutput(outcome);
    return this.verdicts.after({ checkId: meta.id, check, recorded, run: this.following.run });
  }

  /** Of the approval service. */
  #answersTo({ meta }: TopicMessage): TopicMessage[] {
    const { held } = this.context;
    return answersTo(meta.id, this.arrived === undefined ? held : [...held, this.arrived]);
  }
}

export const namesApproval = ({ type, data }: TopicMessage): boolean =>
  type === 'call.requested' && (data as RequestedCall).approvalId !== undefined;

export const waitsForArtifacts = (message: TopicMessage, held: readonly TopicMessage[]): boolean =>
  (message.type === 'call.requested' || message.type === 'check.requested' || asksAboutPlan(message)) &&
  !(namesApproval(message) && answersTo(message.meta.id, held).length === 0);
