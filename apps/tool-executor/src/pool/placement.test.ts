import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChildLoad, type Company, placeFor, RESERVED_MAX, type Wanted } from './placement.js';

const wanted = (tool: string, company: Company, isSuspect = company === 'nobody'): Wanted => ({
  tool,
  company,
  isSuspect,
});

interface Entered extends Wanted {
  readonly id: number;
}

/** Children that calls enter and leave as placement says. */
class World {
  readonly children: { isReady: boolean; readonly calls: Entered[] }[] = [];
  readonly queue: Wanted[] = [];
  #id = 0;

  constructor(readonly size: number) {}

  get loads(): ChildLoad[] {
    return this.children.map(({ isReady, calls }) => {
      const shared = new Map<string, number>();
      let reserved: ChildLoad['reserved'];
      for (const { tool, company, isSuspect } of calls) {
        if (company === 'any') shared.set(tool, (shared.get(tool) ?? 0) + 1);
        else
          reserved = { tool, isSuspect, isSingle: company === 'nobody', calls: (reserved?.calls ?? 0) + 1 };
      }
      return { isReady, isClosed: false, reserved, shared };
    });
  }

  enter(one: Wanted): boolean {
    const waiting = this.queue.filter(({ company }) => company !== 'any');
    const placement = placeFor(one, this.loads, { size: this.size, waiting });
    if (placement.kind === 'start' || (placement.kind === 'child' && placement.andStart === true))
      this.children.push({ isReady: false, calls: [] });
    if (placement.kind !== 'child') return false;
    this.#id += 1;
    this.children[placement.at]?.calls.push({ ...one, id: this.#id });
    return true;
  }

  /** A call, as the pool takes it: behind those of its kind that wait. */
  arrive(one: Wanted): void {
    const isBehind = this.queue.some(({ tool, company }) => tool === one.tool && company === one.company);
    if (isBehind || !this.enter(one)) {
      this.queue.push(one);
      this.enterAll();
    }
  }

  enterAll(): void {
    for (let moved = true; moved; ) {
      moved = false;
      const seen = new Set<string>();
      for (const one of [...this.queue]) {
        const name = `${one.tool} ${one.company}`;
        if (seen.has(name)) continue;
        seen.add(name);
        if (!this.enter(one)) continue;
        this.queue.splice(this.queue.indexOf(one), 1);
        moved = true;
      }
    }
  }

  started(): void {
    for (const child of this.children) child.isReady = true;
    this.enterAll();
  }

  leave(at: number): void {
    const busy = this.children.filter(({ calls }) => calls.length > 0);
    busy[at % busy.length]?.calls.shift();
    this.enterAll();
  }
}

describe('a write without a key', () => {
  test('joins those of its tool, spread over the children that its tool may have', () => {
    const world = new World(4);
    for (let call = 0; call < 40; call += 1) world.arrive(wanted('mail', 'tool'));
    for (let round = 0; round < 4; round += 1) world.started();
    expect(world.children.map(({ calls }) => calls.length)).toEqual([RESERVED_MAX, RESERVED_MAX]);
    expect(world.queue).toHaveLength(8);
  });

  test('of a tool that is accused shares with nothing', () => {
    const world = new World(4);
    for (let call = 0; call < 5; call += 1) world.arrive(wanted('mail', 'nobody'));
    for (let round = 0; round < 4; round += 1) world.started();
    expect(world.children.map(({ calls }) => calls.length)).toEqual([1]);
  });

  test('of another tool gets its turn, however many of the first come', () => {
    const world = new World(3);
    for (let call = 0; call < 3; call += 1) world.arrive(wanted('mail', 'tool'));
    world.started();
    world.arrive(wanted('stamp', 'tool'));
    world.started();
    for (let call = 0; call < 3; call += 1) world.arrive(wanted('post', 'tool'));
    const hasPost = () => world.loads.some(({ reserved }) => reserved?.tool === 'post');
    for (let round = 0; round < 3; round += 1) {
      expect(hasPost()).toBe(false);
      world.arrive(wanted('mail', 'tool'));
      world.leave(0);
    }
    expect(hasPost()).toBe(true);
  });
});

test('whatever comes and goes: P1 to P3 hold, nothing shares that must not, and all that waits gets a place', () => {
  const tools = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const companies = fc.constantFrom<Company>('any', 'tool', 'nobody');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('arrive' as const), tool: tools, company: companies }),
    fc.record({ kind: fc.constant('leave' as const), at: fc.nat(10) }),
    fc.record({ kind: fc.constant('started' as const) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), fc.array(step, { maxLength: 120 }), (size, steps) => {
      const world = new World(size);
      for (const one of steps) {
        if (one.kind === 'arrive') world.arrive(wanted(one.tool, one.company));
        else if (one.kind === 'leave') world.leave(one.at);
        else world.started();
        holds(world);
      }
      for (let round = 0; round < 500 && world.queue.length > 0; round += 1) {
        world.started();
        world.leave(round);
        holds(world);
      }
      expect(world.queue).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

function holds({ children, size, loads }: World): void {
  expect(children.length).toBeLessThanOrEqual(size);
  const reserved = loads.flatMap((load) => load.reserved ?? []);
  expect(reserved.length).toBeLessThanOrEqual(size - 1);
  expect(loads.filter(({ shared }) => shared.size > 0).length).toBeLessThanOrEqual(size - 1);
  for (const [, mine] of Map.groupBy(reserved, ({ tool }) => tool)) {
    expect(mine.length).toBeLessThanOrEqual(Math.max(1, size - 2));
    expect(mine.filter(({ isSuspect }) => isSuspect).length).toBeLessThanOrEqual(1);
  }
  expect(reserved.filter(({ isSuspect }) => isSuspect).length).toBeLessThanOrEqual(Math.floor(size / 2));
  for (const { calls } of children) {
    const own = calls.filter(({ company }) => company !== 'any');
    if (own.length === 0) continue;
    expect(new Set(calls.map(({ tool }) => tool)).size).toBe(1);
    expect(own).toHaveLength(calls.length);
    if (own.some(({ company }) => company === 'nobody')) expect(own).toHaveLength(1);
    expect(own.length).toBeLessThanOrEqual(RESERVED_MAX);
  }
}
