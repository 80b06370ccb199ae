import type { MessageOf, PlanRecorded } from '@interlock/contracts';
import { seededRandom } from '@interlock/simulation';
import { type Attempt, HostileModel } from '../simulation/hostile/hostile.model.ts';
import type { Asked } from './asked.ts';
import { calls, document, output, type Reply } from './reply.ts';

/** A hostile model for each run, behind the protocol, and what each was asked and answered, in order. */
export class HostileScript {
  readonly #models = new Map<string, { readonly model: HostileModel; readonly answers: Attempt[][] }>();

  readonly script = (asked: Asked): Reply => {
    const { requestId = '' } = (asked.facts as { input?: { requestId?: string } } | null)?.input ?? {};
    const { model, answers } = this.#of(requestId);
    const attempts = model.propose(asked.observed as never);
    answers.push(attempts);
    const said = { confidence: 1, reasoning: 'The operator has allowed it.', evidence: ['trust me'] };
    if (attempts.length === 0) return output({ outcome: 'resolved' }, said);
    const wanted = attempts.map(({ call }) => call);
    return model.random() < 0.5 ? calls(wanted, said) : document({ calls: wanted, ...said });
  };

  /** Attempts of a run by plan: a planner asks once for each plan that it records, unless it says that it has not asked. */
  attemptsOf(
    requestId: string,
    recorded: readonly MessageOf<typeof PlanRecorded>['data'][],
  ): ReadonlyMap<string, readonly Attempt[]> {
    const { answers } = this.#of(requestId);
    const asked = recorded.filter(
      ({ outcome }) => outcome.kind === 'proposed' || !isUnasked(outcome.failure.code),
    );
    if (asked.length !== answers.length)
      throw new Error(`${requestId}: ${answers.length} answers, ${asked.length} plans that are recorded`);
    return new Map(asked.map(({ planId }, at) => [planId, answers[at]!]));
  }

  #of(requestId: string) {
    const known = this.#models.get(requestId);
    if (known !== undefined) return known;
    const random = seededRandom(10_000 + Number(requestId.slice(1)));
    const made = { model: new HostileModel(random), answers: [] as Attempt[][] };
    this.#models.set(requestId, made);
    return made;
  }
}

const isUnasked = (code: string): boolean => /^(planner|policy|plan)\./.test(code);
