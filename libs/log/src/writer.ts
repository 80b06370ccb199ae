/**
 * The writing side of a fenced log: claim, then append with contiguity.
 *
 * W1. A claim's epoch is the offset the broker gave it.
 * W2. An append counts only when the broker answers with the offset it had to get; anything else deposes its author.
 * W3. The first append after a claim names the last record accepted before it.
 * W4. Nothing is written while an append has no answer.
 * W5. The first append after a claim names the position of every input, each later one those that moved. Who accepts it has accepted
 *     those before it, so the fold of a claim knows them all.
 */
import { GENESIS } from './chain.js';
import { DeposedError } from './errors.js';
import { type Meta, placeId } from './meta.js';
import { type Cursor, changedSince, type Position, type Released } from './position.js';
import { type LogRecord, seal } from './record.js';

/** The part of the broker port a writer needs. */
export interface Appender {
  append(topic: string, partition: number, records: readonly LogRecord[]): Promise<number>;
}

/** One record of an append, before it has its position. */
export interface Draft {
  readonly key: string;
  /** `type/version` of each part, joined by commas. */
  readonly wire: string;
  readonly value: Uint8Array;
  /** Without the claim's part and without cursor. */
  readonly meta: Omit<Meta, 'id' | 'epoch' | 'index' | 'after' | 'cursor' | 'released'> & {
    readonly id?: string;
  };
  /** The hash this one follows. Absent: the last record of this claim. */
  readonly previous?: Uint8Array;
}

/** What was written: positions and hashes are valid only once `append` has resolved. */
export interface Written {
  readonly position: Position;
  readonly firstOffset: number;
  /** One a draft, in order. */
  readonly hashes: readonly Uint8Array[];
}

export class FencedWriter {
  #position: Position;
  #last: Uint8Array = GENESIS;
  /** What the accepted appends of this claim have said of the inputs. */
  #cursor: Cursor = {};
  readonly #before: Position;

  /** @param claimed position right behind the own claim; @param before position in front of it */
  constructor(
    readonly appender: Appender,
    readonly topic: string,
    readonly partition: number,
    claimed: Position,
    before: Position,
  ) {
    this.#position = claimed;
    this.#before = before;
  }

  get position(): Position {
    return this.#position;
  }

  /** The id a record without seq gets when it is the `place`-th (from 0) of the next append. */
  idOf(place: number): string {
    return placeId(this, this.#position.epoch, this.#position.index + 1 + place);
  }

  /**
   * Appends `drafts` as one unit; `cursor` names every input. `previousOf` gives the hash an event of a numbered chain follows, given those before it in the append.
   * @throws {DeposedError} the answer was not the expected offset
   * @throws what the appender throws when there is no answer: the log is in doubt
   */
  async append(
    drafts: readonly Draft[],
    cursor: Cursor,
    released: readonly Released[],
    previousOf: (draft: Draft, place: number, hashes: readonly Uint8Array[]) => Uint8Array | undefined = () =>
      undefined,
  ): Promise<Written> {
    const { epoch, index, offset } = this.#position;
    const moved = changedSince(this.#cursor, cursor); // W5
    const hashes: Uint8Array[] = [];
    let last = this.#last;
    const records = drafts.map((draft, place) => {
      const meta: Meta = {
        ...draft.meta,
        id: draft.meta.id ?? this.idOf(place),
        epoch,
        index: index + 1 + place,
        ...(index + place === 0 ? { after: { epoch: this.#before.epoch, index: this.#before.index } } : {}),
        ...(place === drafts.length - 1 ? { cursor: moved, released } : {}),
      };
      const sealed = seal({ ...draft, meta }, previousOf(draft, place, hashes) ?? last, this);
      hashes.push(sealed.hash);
      last = sealed.hash;
      return sealed.record;
    });
    const answered = await this.appender.append(this.topic, this.partition, records);
    if (answered !== offset) throw new DeposedError(this.topic, this.partition, epoch, offset, answered); // W2
    this.#position = { offset: offset + records.length, epoch, index: index + records.length };
    this.#last = last;
    this.#cursor = { ...this.#cursor, ...moved };
    return { position: this.#position, firstOffset: offset, hashes };
  }
}
