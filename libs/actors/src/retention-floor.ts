/**
 * What of a log that is kept until read its owner still needs itself, by the offset it must not be cut past.
 *
 * N1. A cut stands in front of a claim that an accepted cursor has followed: a fold that starts there knows where its inputs go on.
 * N2. It never passes the first record of an actor that lives, of an input that is deferred, or of a release that the cursor has not passed.
 */
export class RetentionFloor {
  #claims: number[] = [];
  readonly #actors = new Map<string, number>();
  readonly #deferred = new Map<string, number>();
  readonly #released = new Map<string, number>();

  /** An append of the claim at `epoch` is accepted, with its cursor. */
  confirmed(epoch: number): void {
    if (epoch >= 0 && this.#claims.at(-1) !== epoch) this.#claims.push(epoch);
  }

  actor(key: string, offset: number, lives: boolean): void {
    if (!lives) this.#actors.delete(key);
    else if (!this.#actors.has(key)) this.#actors.set(key, offset);
  }

  deferred(place: string, offset: number): void {
    this.#deferred.set(place, offset);
  }

  released(place: string, offset: number): void {
    this.#deferred.delete(place);
    this.#released.set(place, offset);
  }

  passed(place: string): void {
    this.#released.delete(place);
  }

  /** Where the log may be cut when nothing in front of `limit` has a reader any more; undefined: nowhere. */
  trimPoint(limit: number): number | undefined {
    let most = limit;
    for (const needed of [this.#actors, this.#deferred, this.#released]) {
      for (const offset of needed.values()) most = Math.min(most, offset);
    }
    const point = this.#claims.findLast((claim) => claim <= most);
    this.#claims = this.#claims.filter((claim) => claim >= (point ?? 0));
    return point;
  }

  clear(): void {
    this.#claims = [];
    this.#actors.clear();
    this.#deferred.clear();
    this.#released.clear();
  }
}
