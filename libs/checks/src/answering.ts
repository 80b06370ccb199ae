import { PolicyDecided } from '@interlock/contracts';
import { answersTo, confirmationIn } from './approval-answer.js';
import {
  type Answered,
  type CheckContext,
  type Question,
  questionIn,
  type Received,
} from './check.messages.js';
import type { Following } from './followed-run.js';
import { recordedOutput } from './recorded-output.js';
import type { Verdict, Verdicts } from './verdicts.js';
import type { WholeValues } from './whole.value.js';

/** How long a check waits for artifacts that were published but not yet read here, ms. Then the answer is no. */
export const ARTIFACT_LAG_MS = 1_000;
/** Checks that one decision answers at most; the rest is due at once. */
const ANSWERS_MAX = 100;

/** The answers of one decision, and the deferred messages that are dealt with by it. */
export class Answering {
  readonly events: Answered[] = [];
  readonly released = new Set<Received>();

  constructor(
    private readonly verdicts: Verdicts,
    private readonly runId: string,
    private readonly following: Following,
    private readonly context: CheckContext,
    /** What the decision is about, not deferred yet. */
    private readonly arrived: Received | undefined,
    private readonly values: WholeValues,
  ) {}

  release(messages: readonly Received[]): void {
    for (const message of messages) this.released.add(message);
  }

  /** Answers what waited for artifacts, where they have come or the wait is over. */
  again(): void {
    const { deferred } = this.context;
    for (const message of deferred) {
      if (this.events.length >= ANSWERS_MAX) return;
      const question = waitingQuestion(message, deferred);
      if (question !== undefined && this.answer(question)) this.release([message]);
    }
  }

  /** False: the question has to wait. */
  answer(question: Question): boolean {
    const isLate = this.context.now >= question.meta.time + ARTIFACT_LAG_MS;
    if (namesApproval(question) && this.#answersTo(question).length === 0) return false;
    if (!isLate && !this.#canJudge(question)) return false;
    if (!this.values.has(question)) return false;
    this.events.push({ ...PolicyDecided(this.#verdictOn(question)), ref: question.offset });
    return true;
  }

  #canJudge({ type, data }: Question): boolean {
    const { plans } = this.verdicts;
    if (type === 'plan.requested') return plans.canJudge(data);
    if (type === 'plan.recorded') return plans.canJudge({ tools: [] }, this.following.run);
    const toolHash = type === 'call.requested' ? data.toolHash : data.check?.toolHash;
    return toolHash === undefined || this.verdicts.canJudge(toolHash, this.following.run);
  }

  #verdictOn(question: Question): Verdict {
    switch (question.type) {
      case 'plan.requested':
        return this.verdicts.plans.before(question.meta.id, question.data);
      case 'plan.recorded':
        return this.verdicts.plans.after(question.meta.id, question.data, this.following.run);
      case 'call.requested':
        return this.#before(question);
      case 'call.recorded':
      case 'call.late_recorded':
        return this.#after(question);
    }
  }

  #before(callRequest: Extract<Question, { type: 'call.requested' }>): Verdict {
    const { data: call, meta } = callRequest;
    const given = this.values.argumentsOf(call);
    const asked = { checkId: meta.id, runId: this.runId, call, given, run: this.following.run };
    if (!namesApproval(callRequest)) return this.verdicts.before(asked);
    const answers = this.#answersTo(callRequest);
    this.release(answers.filter((answer) => answer !== this.arrived));
    const verdict = this.verdicts.before({ ...asked, confirmation: confirmationIn(answers) });
    if (verdict.verdict === 'allow') this.following.approved(call, meta.id);
    return verdict;
  }

  #after(question: Extract<Question, { type: 'call.recorded' | 'call.late_recorded' }>): Verdict {
    const recorded = recordedOutput(question);
    if (recorded === undefined) throw new Error(`${question.meta.id} asks for no check`);
    const whole = this.values.outputOf(recorded);
    return this.verdicts.after({ checkId: question.meta.id, recorded: whole, run: this.following.run });
  }

  /** Of the approval service. */
  #answersTo({ meta }: Question) {
    const { deferred } = this.context;
    return answersTo(meta.id, this.arrived === undefined ? deferred : [...deferred, this.arrived]);
  }
}

export const namesApproval = (message: Received): boolean =>
  message.type === 'call.requested' && message.data.approvalId !== undefined;

/** What a deferred message asks, unless that waits for people rather than for artifacts. */
export function waitingQuestion(message: Received, deferred: readonly Received[]): Question | undefined {
  const waitsForPeople = namesApproval(message) && answersTo(message.meta.id, deferred).length === 0;
  return waitsForPeople ? undefined : questionIn(message);
}
