import type { StoredEntry } from '../value.store.js';
import type { Held, Values } from '../values.js';

/**
 * How a family stands. `over`: nobody goes on with it or takes it up, and nothing was recorded of it for as long as a value may be unnamed.
 * `erased`: by order. undefined: it goes on, or it is none of ours.
 */
export type FamilyStanding = 'over' | 'erased' | undefined;

/** Hashes by their families. */
export type Hashes = ReadonlyMap<string, ReadonlySet<string>>;

/** What is known of the families whose runs are here. */
export interface Families {
  standing(family: string): FamilyStanding;
  /** Which of these the logs name, up to where they end when this is called. */
  named(candidates: Hashes): Promise<Hashes>;
}

export interface SweepOptions {
  /** A value that was put later than so long ago is left alone, ms. */
  readonly afterMs: number;
  readonly now: () => number;
  readonly removed: (why: 'unnamed' | 'erased', held: Held) => void;
}

const PAGE = 500;
/** Looked for in the logs at once. */
const CANDIDATES_MAX = 50_000;
const CLEAN_MAX = 200_000;
const WITHIN_MS = 60_000;

/**
 * Removes what no event names, because a process died between keeping and telling, and what came late into a family that is erased.
 *
 *   G1  Only values of a family that is over for good: then nobody puts one again, and nobody names one but within `afterMs` of its put.
 *   G2  The logs are searched to their end once the value was found, so whatever was named before is known.
 *   G3  How the family stands is asked once more right before the removal.
 */
export class Sweep {
  /** Families that held nothing to remove, by how many values they had: they are over, so nothing is added. */
  readonly #clean = new Map<string, number>();

  constructor(
    private readonly values: Pick<Values, 'store' | 'listed' | 'remove'>,
    private readonly families: Families,
    private readonly options: SweepOptions,
  ) {}

  /** One pass over the store. @throws {ValueError} the store is away: the next pass begins anew */
  async run(signal: AbortSignal): Promise<void> {
    const found: StoredEntry[] = [];
    let after: string | undefined;
    do {
      const page = await this.values.store.families(after, PAGE);
      for (const family of page) {
        if (signal.aborted) return;
        found.push(...(await this.#candidatesIn(family, signal)));
        if (found.length >= CANDIDATES_MAX) await this.#removeUnnamed(found.splice(0), signal);
      }
      after = page.length < PAGE ? undefined : page.at(-1);
    } while (after !== undefined);
    await this.#removeUnnamed(found, signal);
  }

  async #candidatesIn(family: string, signal: AbortSignal): Promise<readonly StoredEntry[]> {
    const standing = this.families.standing(family);
    if (standing === undefined) return [];
    const entries = await this.values.listed(family, { withinMs: WITHIN_MS, signal });
    if (standing === 'erased') {
      await this.#remove(entries, 'erased', signal);
      return [];
    }
    if (this.#clean.get(family) === entries.length) return [];
    const { now, afterMs } = this.options;
    return entries.filter(({ writtenAt }) => now() - writtenAt > afterMs);
  }

  async #removeUnnamed(found: readonly StoredEntry[], signal: AbortSignal): Promise<void> {
    if (found.length === 0) return;
    const byFamily = Map.groupBy(found, ({ family }) => family);
    const candidates = new Map(
      [...byFamily].map(([family, entries]) => [family, new Set(entries.map(({ hash }) => hash))]),
    );
    // G2
    const named = await this.families.named(candidates);
    for (const [family, entries] of byFamily) {
      const garbage = entries.filter(({ hash }) => named.get(family)?.has(hash) !== true);
      await this.#remove(garbage, 'unnamed', signal);
      this.#isClean(family, entries.length - garbage.length);
    }
  }

  #isClean(family: string, values: number): void {
    if (this.#clean.size >= CLEAN_MAX) this.#clean.clear();
    this.#clean.set(family, values);
  }

  async #remove(
    entries: readonly StoredEntry[],
    why: 'unnamed' | 'erased',
    signal: AbortSignal,
  ): Promise<void> {
    const standing = why === 'erased' ? 'erased' : 'over';
    for (const { family, hash, size } of entries) {
      // G3
      if (signal.aborted || this.families.standing(family) !== standing) return;
      await this.values.remove({ family, hash }, { withinMs: WITHIN_MS, signal });
      this.options.removed(why, { values: 1, bytes: size });
    }
  }
}
