import { type ApprovalEvent, type CastVoteRecord, hashOf } from '@interlock/contracts';
import { askedIn, type People } from './people.reading.js';
import { meetsQuorum } from './quorum.js';
import type { Logged } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I4, its people: what is granted was granted by enough different people who may, none of them the requester, before it expired, and
 * every vote that counts was really sent. Who says no ends it; enough who say yes do too.
 */
export const grantedByPeople: Invariant = ({ people }) =>
  [...people.said].flatMap(([approvalId, said]) => {
    const tally = new Tally(approvalId, people);
    for (const event of said) tally.take(event);
    return tally.problems.map(
      (message): Violation => ({
        invariant: 'I4',
        run: said[0]?.meta.run,
        message: `${approvalId}: ${message}`,
      }),
    );
  });

type DataOf<Type extends ApprovalEvent['type']> = Extract<ApprovalEvent, { type: Type }>['data'];

/** The votes of one approval, counted by the words of what was asked. */
class Tally {
  readonly problems: string[] = [];
  readonly #votes: CastVoteRecord[] = [];
  /** Whether the next group had been asked, for each vote. */
  readonly #asked: boolean[] = [];
  #isEscalated = false;
  #opened: DataOf<'approval.opened'> | undefined;
  /** What the votes so far demand, next. */
  #demanded: 'approval.granted' | 'approval.denied' | undefined;

  constructor(
    readonly approvalId: string,
    readonly people: People,
  ) {}

  take(event: Logged<ApprovalEvent>): undefined {
    const { type, data, meta } = event;
    const demanded = this.#demanded;
    this.#demanded = undefined;
    if (demanded !== undefined && type !== demanded) this.#say(`${type} where the votes ask for ${demanded}`);
    if (type === 'approval.opened') this.#opened = data;
    if (type === 'approval.escalated') this.#isEscalated = true;
    if (type === 'approval.voted') this.#voted(data, meta.time);
    if (type === 'approval.granted') this.#granted(data);
    if (type === 'approval.denied' && demanded !== type) this.#say('denied, and nobody had just said no');
  }

  #voted(data: DataOf<'approval.voted'>, at: number): void {
    const { by, vote, callHash, reason } = data;
    const { cast } = this.people;
    if (cast !== undefined && !cast.get(data.commandId)?.some((sent) => this.#isSent(sent, data, at)))
      this.#say(`nobody sent the vote ${data.commandId} of ${by.sub} in time`);
    const before = this.#votes.find((one) => one.by.sub === by.sub && one.vote === vote);
    if (before !== undefined) this.#say(`${by.sub} was counted twice`);
    this.#votes.push({ by, vote, callHash, reason, at });
    this.#asked.push(this.#isEscalated);
    if (vote === 'deny') this.#demanded = 'approval.denied';
    else if (this.#isMet()) this.#demanded = 'approval.granted';
  }

  #isSent(
    {
      approvalId,
      by,
      vote,
      callHash,
      issuedAt,
    }: NonNullable<ReturnType<NonNullable<People['cast']>['get']>>[number],
    counted: DataOf<'approval.voted'>,
    at: number,
  ): boolean {
    return (
      approvalId === this.approvalId &&
      hashOf(by) === hashOf(counted.by) &&
      vote === counted.vote &&
      callHash === counted.callHash &&
      // A vote is in time by the voter's clock or by the service's, whichever is behind.
      Math.min(issuedAt, at) < (this.#opened?.expiresAt ?? 0)
    );
  }

  #granted({ votes, callHash }: DataOf<'approval.granted'>): void {
    if (!this.#isMet()) this.#say(`granted by ${this.#votes.map(({ by }) => by.sub).join(', ') || 'nobody'}`);
    if (hashOf(votes) !== hashOf(this.#votes)) this.#say('granted with other votes than were counted');
    if (callHash !== this.#opened?.callHash) this.#say('granted for another call than it was opened for');
  }

  #isMet(): boolean {
    const asked = this.people.requested.get(this.approvalId);
    const starter = this.people.starters.get(asked?.meta.run ?? '');
    if (this.#opened === undefined || asked === undefined || starter === undefined) return false;
    return meetsQuorum(
      this.#opened.requirement,
      this.#votes,
      askedIn(asked, starter),
      (place) => this.#asked[place] === true,
    );
  }

  #say(message: string): void {
    this.problems.push(message);
  }
}
