import { setTimeout as after } from 'node:timers/promises';
import type { Approval } from '@interlock/contracts/http';
import type { Person } from '../e2e/person.ts';

export interface Vote {
  readonly approvalId: string;
  readonly by: Person;
}

const REPEAT_AFTER_MS = 200;
/** People do not vote in one instant. */
const SPREAD_MS = 150;
/** The share of votes that are sent twice at once. */
const IMPATIENT = 0.2;

/** People who vote until they are answered: a vote whose answer was lost is sent again under the same key, so as the same command. */
export class Voters {
  /** Votes sent and not answered. */
  waiting = 0;
  answered = 0;
  /** Sent, and no answer came, nobody was there (502, as the line says it), or nobody could say whether it is durable (503). */
  readonly lost = { answers: 0, refusedConnections: 0, unavailable: 0 };
  /** By somebody who did not wait for an answer to the first. */
  sentTwiceAtOnce = 0;

  constructor(readonly random: () => number) {}

  /** Resolves when every one is answered; rejects when one is refused, which none may be. */
  async cast(votes: readonly Vote[]): Promise<void> {
    await Promise.all(votes.map((vote) => this.#untilAnswered(vote)));
  }

  /** Resolves when so many more are answered and some are under way, at last after `withinMs`. */
  async inTheMidst(count: number, withinMs: number): Promise<void> {
    const wanted = this.answered + count;
    const deadline = performance.now() + withinMs;
    while ((this.answered < wanted || this.waiting === 0) && performance.now() < deadline) await after(1);
  }

  async #untilAnswered(vote: Vote): Promise<void> {
    await after(this.random() * SPREAD_MS);
    this.waiting++;
    const isImpatient = this.random() < IMPATIENT;
    if (isImpatient) this.sentTwiceAtOnce++;
    await Promise.all([this.#repeat(vote), isImpatient && this.#repeat(vote)]);
    this.waiting--;
    this.answered++;
  }

  async #repeat(vote: Vote): Promise<void> {
    while (!(await this.#isAnswered(vote))) await after(REPEAT_AFTER_MS);
  }

  async #isAnswered({ approvalId, by }: Vote): Promise<boolean> {
    const answer = await by
      .votes(approvalId, 'approve', { 'idempotency-key': 'one-vote' })
      .catch((error: Error) => error);
    if (answer instanceof Error) this.lost.answers++;
    else if (answer.status === 502) this.lost.refusedConnections++;
    else if (answer.status === 503) this.lost.unavailable++;
    else if (answer.status === 202) return true;
    else throw new Error(`the vote of ${by.sub} on ${approvalId} was answered ${JSON.stringify(answer)}`);
    return false;
  }
}

/** Who voted on an approval, as the inbox tells it. */
export const votersOf = ({ votes }: Approval): string[] => votes.map(({ by }) => by).sort();
