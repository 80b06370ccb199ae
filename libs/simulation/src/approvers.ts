import { approvalCommands, CastVote, type Identity } from '@interlock/contracts';
import { oneOf } from './chosen.js';
import type { Gateway } from './gateway.js';
import { requester } from './people.js';
import type { Asked, RunWatcher } from './run-watcher.js';
import type { World } from './world.js';

const leads: readonly Identity[] = ['lea', 'lou', 'leo'].map((sub) => ({ sub, roles: ['lead'] }));
/** May vote once a request was escalated. */
const director: Identity = { sub: 'dan', roles: ['director'] };
const clerk: Identity = { sub: 'eve', roles: ['clerk'] };

type Say = 'approve' | 'deny';

/**
 * Those who are asked. Some answer, some say no, some say nothing; some who may not vote try to, and some do not know when to stop.
 */
export class Approvers {
  readonly #seen = new Set<string>();

  constructor(
    readonly world: World,
    readonly gateway: Gateway,
    readonly watcher: RunWatcher,
  ) {}

  look(): void {
    for (const asked of this.watcher.asked.values()) {
      if (this.#seen.has(asked.approvalId)) continue;
      this.#seen.add(asked.approvalId);
      this.#decide(asked);
      this.#meddle(asked);
    }
  }

  #decide(asked: Asked): void {
    const { random, isFaulty } = this.world;
    const [first, second] = this.#twoOf(leads);
    const patience = isFaulty ? 8_000 : 2_000;
    for (const [by, vote, withinMs = patience] of answers(random(), isFaulty, first, second))
      this.#say(asked, by, vote, random() * withinMs);
  }

  /** Who may not, who has already, who comes too late. */
  #meddle(asked: Asked): void {
    const { random } = this.world;
    const lead = oneOf(random, leads);
    const sometimes = (chance: number, by: Identity, say: Say, withinMs: number) => {
      if (random() < chance) this.#say(asked, by, say, random() * withinMs);
    };
    sometimes(0.3, requester, random() < 0.8 ? 'approve' : 'deny', 3_000);
    sometimes(0.2, clerk, 'approve', 3_000);
    sometimes(0.3, lead, 'approve', 6_000);
    sometimes(0.2, lead, 'approve', 6_000);
    sometimes(0.1, director, 'approve', 3_000);
    sometimes(0.1, lead, random() < 0.5 ? 'approve' : 'deny', 20_000);
  }

  #twoOf(people: readonly Identity[]): readonly [Identity, Identity] {
    const first = oneOf(this.world.random, people);
    const second = people[(people.indexOf(first) + 1) % people.length] ?? first;
    return [first, second];
  }

  #say({ approvalId, runId, callHash }: Asked, by: Identity, vote: Say, afterMs: number): void {
    this.world.time.after(afterMs, () => {
      const envelope = this.gateway.envelope(runId);
      const cast = CastVote({ ...envelope, approvalId, by, vote, callHash, reason: `${by.sub} has looked` });
      this.gateway.send(cast, approvalCommands.name);
    });
  }
}

type Answer = readonly [by: Identity, vote: Say, withinMs?: number];

/** What those who may vote say, by their mood from 0 to 1. Once faults have stopped they mostly agree, so that everything ends. */
function answers(mood: number, isFaulty: boolean, first: Identity, second: Identity): readonly Answer[] {
  const agrees: Answer = [first, 'approve'];
  if (mood < (isFaulty ? 0.12 : 0.05)) return [];
  if (mood < 0.2) return [[first, 'deny']];
  if (mood < 0.25) return [agrees, [second, 'deny']];
  if (mood < 0.4) return [agrees, [director, 'approve', 8_000]];
  if (mood < 0.45) return [agrees, [first, 'deny']];
  if (mood < 0.95 || !isFaulty) return [agrees, [second, 'approve']];
  return [agrees];
}
