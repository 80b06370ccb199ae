import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../memory.store.js';
import { Values } from '../values.js';
import { type Families, type FamilyStanding, type Hashes, Sweep } from './sweep.js';

const MB = 1024 * 1024;
const limits = { valueBytesMax: MB, familyBytesMax: 4 * MB, shelfBytesMax: MB };
const AFTER_MS = 1_000;
const now = { withinMs: 0 };

/** A store, a log that names values, and families that end. */
class World {
  time = 0;
  readonly store = new MemoryStore(() => this.time);
  readonly values = new Values(this.store, limits);
  readonly standings = new Map<string, FamilyStanding>();
  readonly log: { readonly family: string; readonly hash: string }[] = [];
  readonly removed: string[] = [];

  readonly families: Families = {
    standing: (family) => this.standings.get(family),
    named: async (candidates) => this.named(candidates),
  };

  named(candidates: Hashes): Hashes {
    const here = this.log.filter(({ family, hash }) => candidates.get(family)?.has(hash) === true);
    return new Map(
      [...Map.groupBy(here, ({ family }) => family)].map(([family, names]) => [
        family,
        new Set(names.map(({ hash }) => hash)),
      ]),
    );
  }

  async keep(family: string, text: string): Promise<string> {
    return (await this.values.keep(family, text, now)).hash;
  }

  sweepWith(families: Families, afterMs = AFTER_MS): Sweep {
    const removed = (why: string) => void this.removed.push(why);
    return new Sweep(this.values, families, { afterMs, now: () => this.time, removed });
  }

  sweep = (): Promise<void> => this.sweepWith(this.families).run(new AbortController().signal);

  async held(family: string): Promise<number> {
    return (await this.values.count(family, now)).values;
  }
}

describe('a sweep', () => {
  test('removes what no event names, of a family that is over, and leaves what is named', async () => {
    const world = new World();
    world.log.push({ family: 'a', hash: await world.keep('a', 'named') });
    await world.keep('a', 'lost with its process');
    world.standings.set('a', 'over');
    world.time = 2 * AFTER_MS;
    await world.sweep();
    expect([await world.held('a'), world.removed]).toEqual([1, ['unnamed']]);
  });

  test('leaves alone what was kept a moment ago, what goes on, and what is of another installation', async () => {
    const world = new World();
    world.standings.set('over', 'over');
    for (const family of ['open', 'strange']) await world.keep(family, 'x');
    world.time = 2 * AFTER_MS;
    await world.keep('over', 'x');
    await world.sweep();
    expect(world.removed).toEqual([]);
    world.time += 2 * AFTER_MS;
    await world.sweep();
    expect([await world.held('over'), await world.held('open'), await world.held('strange')]).toEqual([
      0, 1, 1,
    ]);
  });

  test('removes whatever has come late into a family that is erased, though events name it', async () => {
    const world = new World();
    const hash = await world.keep('a', 'x');
    world.log.push({ family: 'a', hash });
    await world.values.erase('a', now);
    await world.keep('a', 'x');
    world.standings.set('a', 'erased');
    await world.sweep();
    expect([await world.held('a'), world.removed]).toEqual([0, ['erased']]);
    const reader = new Values(world.store, limits);
    await expect(reader.bytes('a', { hash }, now)).rejects.toMatchObject({ code: 'value.erased' });
  });

  test('asks the logs of a family once, as long as nothing is added to it', async () => {
    const world = new World();
    world.log.push({ family: 'a', hash: await world.keep('a', 'named') });
    world.standings.set('a', 'over');
    world.time = 2 * AFTER_MS;
    let asked = 0;
    const named = async (candidates: Hashes) => {
      asked += 1;
      return world.named(candidates);
    };
    const sweep = world.sweepWith({ ...world.families, named });
    const { signal } = new AbortController();
    await sweep.run(signal);
    await sweep.run(signal);
    expect(asked).toBe(1);
    await world.keep('a', 'more');
    world.time += 2 * AFTER_MS;
    await sweep.run(signal);
    expect([asked, await world.held('a')]).toEqual([2, 1]);
  });

  test('goes through more families than a page of the store holds', async () => {
    const world = new World();
    for (let at = 0; at < 1_100; at += 1) {
      await world.keep(`run-${at}`, 'x');
      world.standings.set(`run-${at}`, 'over');
    }
    world.time = 2 * AFTER_MS;
    await world.sweep();
    expect(world.removed).toHaveLength(1_100);
  });
});

/*
 * Histories in which runs keep values, name them within their time or die before, end, and are swept, all at once: whatever the sweep asks for,
 * something else happens first.
 */

/** Numbers from 0 to 1, the same for a seed. */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Kept {
  readonly family: string;
  readonly hash: string;
  readonly at: number;
  /** Its process has died: nobody names it. */
  readonly isLost: boolean;
}

interface Past {
  /** Values that an event names and that the store has not. */
  readonly lost: readonly string[];
  readonly removed: number;
}

async function history(seed: number, sweepOf: (world: World) => Sweep): Promise<Past> {
  const random = drawn(seed);
  const world = new World();
  const families = ['a', 'b', 'c'];
  const pending: Kept[] = [];
  const lastAt = new Map<string, number>();
  const happen = async (): Promise<void> => {
    world.time += Math.floor(random() * 400);
    const family = families[Math.floor(random() * families.length)] ?? 'a';
    if (!world.standings.has(family) && random() < 0.6) {
      const hash = await world.keep(family, `value ${Math.floor(random() * 4)}`);
      pending.push({ family, hash, at: world.time, isLost: random() < 0.4 });
      lastAt.set(family, world.time);
    }
    for (const kept of pending.splice(0)) {
      const isDue = random() < 0.5 || world.time - kept.at > AFTER_MS / 2;
      if (!isDue) pending.push(kept);
      else if (!kept.isLost && world.time - kept.at < AFTER_MS) {
        world.log.push(kept);
        lastAt.set(kept.family, world.time);
      }
    }
    const isQuiet = world.time - (lastAt.get(family) ?? 0) > AFTER_MS;
    if (isQuiet && random() < 0.3 && !pending.some((kept) => kept.family === family))
      world.standings.set(family, 'over');
  };
  const { standing, named: namedIn } = world.families;
  const between: Families = {
    standing,
    named: async (candidates) => {
      await happen();
      return namedIn(candidates);
    },
  };
  Object.assign(world.families, between);
  const sweep = sweepOf(world);
  for (let round = 0; round < 40; round += 1) {
    await happen();
    if (round % 3 === 0) await sweep.run(new AbortController().signal);
  }
  const held = await Promise.all(
    families.map(async (family) => [family, await world.store.list(family)] as const),
  );
  const has = new Set(held.flatMap(([family, entries]) => entries.map(({ hash }) => `${family}/${hash}`)));
  const named = world.log.map(({ family, hash }) => `${family}/${hash}`);
  return { lost: named.filter((place) => !has.has(place)), removed: world.removed.length };
}

const SEEDS = 300;

test('no value that an event names is ever removed', async () => {
  let swept = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { lost, removed } = await history(seed, (world) => world.sweepWith(world.families));
    expect(lost, `seed ${seed}`).toEqual([]);
    swept += removed;
  }
  expect(swept).toBeGreaterThan(SEEDS / 3);
});

const planted: readonly (readonly [string, (world: World) => Sweep])[] = [
  [
    'looks at families that go on, and at what was kept a moment ago',
    (world) => world.sweepWith({ ...world.families, standing: () => 'over' }, -1),
  ],
  [
    'believes of the logs what it knew before it looked into the store',
    (world) => {
      let known: Hashes = new Map();
      return world.sweepWith({
        standing: () => 'over',
        async named(candidates) {
          const before = known;
          known = world.named(candidates);
          return before;
        },
      });
    },
  ],
  ['does not ask the logs', (world) => world.sweepWith({ ...world.families, named: async () => new Map() })],
];

test.each(planted)('a sweep that %s is found out', async (_what, sweepOf) => {
  let lost = 0;
  for (let seed = 1; seed <= SEEDS && lost === 0; seed += 1)
    lost = (await history(seed, sweepOf)).lost.length;
  expect(lost).toBeGreaterThan(0);
});
