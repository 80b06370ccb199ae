import type { Actor, NewEvent } from '@interlock/actors';
import {
  ActivatePolicy,
  ActivationRefused,
  hashOf,
  type Identity,
  moduleIdentity,
  ProposePolicy,
  PublishArtifact,
  VoteOnActivation,
} from '@interlock/contracts';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { artifactActor, CATALOGUE_KEY } from '../artifact.actor.js';
import type { RegistrySettings, RegistryState } from '../registry.state.js';
import { activationIdOf } from './activate.js';

const person = (sub: string, ...roles: string[]): Identity => ({ sub, roles: ['admin', ...roles] });
const [ada, bob, eve] = [person('ada'), person('bob'), person('eve')];
const desk = moduleIdentity('refund-desk');
const permit = { id: 'permit', text: 'permit(principal, action, resource);' };
const bundles = {
  first: { policies: [permit] },
  second: { policies: [{ ...permit, text: 'permit(principal, action, resource) when { true };' }] },
  third: { policies: [{ ...permit, text: 'permit(principal, action, resource) when { 1 == 1 };' }] },
  emergency: { policies: [permit, { id: 'stop', text: 'forbid(principal, action, resource);' }] },
};
type Name = keyof typeof bundles;
const hashes = Object.fromEntries(Object.entries(bundles).map(([name, doc]) => [name, hashOf(doc)]));
const hash = (name: Name): string => hashes[name] ?? '';

class Registry {
  state: RegistryState | undefined;
  now = 1_000;
  readonly log: NewEvent[] = [];
  #commands = 0;
  readonly #actor: Actor<RegistryState>;

  constructor(mode: RegistrySettings['mode']) {
    this.#actor = artifactActor({ mode, hasTopicsOfOthers: true });
    const known = Registry.#published.get(mode);
    if (known === undefined) this.#publish();
    Registry.#published.set(mode, known ?? { state: this.state, log: [...this.log] });
    if (known === undefined) return;
    this.state = known.state;
    this.log.push(...known.log);
  }

  /** Judging bundles is not what these tests are about, so each is judged once. */
  static readonly #published = new Map<string, { state: RegistryState | undefined; log: NewEvent[] }>();

  #publish(): void {
    Object.entries(bundles).forEach(([name, document], at) => {
      this.#give(PublishArtifact.type, { by: ada, kind: 'policy', name, version: 1, document });
      expect(this.log.length).toBe(at + 1);
    });
  }

  activate(by: Identity, name: Name | string, commandId?: string): NewEvent[] {
    const data = { by, hash: hashes[name] ?? name, reason: 'it is better' };
    return this.#give(ActivatePolicy.type, data, commandId);
  }

  vote(by: Identity, activationId: string, name: Name, vote: 'approve' | 'deny' = 'approve'): NewEvent[] {
    return this.#give(VoteOnActivation.type, { by, activationId, hash: hash(name), vote, reason: 'seen' });
  }

  propose(name: Name, by = desk): NewEvent[] {
    return this.#give(ProposePolicy.type, { by, hash: hash(name) });
  }

  /** Two people put it into force. */
  inForce(name: Name): void {
    const commandId = `activate ${name}`;
    this.activate(ada, name, commandId);
    if (this.active !== hash(name)) this.vote(bob, activationIdOf(commandId), name);
    expect(this.active).toBe(hash(name));
  }

  due(): NewEvent[] {
    return this.#take(this.#actor.decide({ kind: 'due' }, this.state, this.#context(), CATALOGUE_KEY).events);
  }

  dueBroken(): NewEvent[] {
    const fault = { code: 'decision.threw', message: 'planted' } as const;
    const due = { kind: 'due' } as const;
    return this.#take(this.#actor.answerFault(fault, due, this.state, this.#context(), CATALOGUE_KEY).events);
  }

  get dueAt(): number | undefined {
    return this.#actor.due?.(this.state, { deferred: [], isRunning: () => false });
  }

  get active(): string | undefined {
    return this.state?.policy.active?.hash;
  }

  statusOf(activationId: string): string | undefined {
    return this.state?.policy.activations.find((one) => one.activationId === activationId)?.status;
  }

  #give(type: string, data: object, commandId = `c${++this.#commands}`): NewEvent[] {
    const message = {
      topic: 'artifact.commands',
      offset: this.#commands,
      part: 0,
      key: 'policy',
      type,
      data: { commandId, issuedAt: this.now, ...data },
      meta: { id: commandId, epoch: -1, index: 0, time: this.now },
    };
    const input = { kind: 'message', message } as const;
    return this.#take(this.#actor.decide(input, this.state, this.#context(), CATALOGUE_KEY).events);
  }

  #context = () => ({ now: this.now, deferred: [], isRunning: () => false });

  #take(events: readonly NewEvent[]): NewEvent[] {
    for (const event of events)
      this.state = this.#actor.evolve(
        this.state,
        { ...event, id: '', seq: 0, time: this.now },
        CATALOGUE_KEY,
      );
    this.log.push(...events);
    return [...events];
  }
}

const types = (events: readonly NewEvent[]): string[] =>
  events.map(({ type }) => type.replace('policy.', ''));
const codeOf = (events: readonly NewEvent[]): string => {
  expect(types(events)).toEqual(['activation_refused']);
  return ActivationRefused.schema.parse(events[0]?.data).code;
};

let registry: Registry;
const first = activationIdOf('one');

describe('in production', () => {
  beforeEach(() => {
    registry = new Registry('production');
  });

  test('a published bundle is not in force', () => {
    expect(registry.active).toBeUndefined();
  });

  test('two different people put a bundle into force, and the log says who', () => {
    expect(types(registry.activate(ada, 'first', 'one'))).toEqual(['activation_opened']);
    expect(registry.active).toBeUndefined();
    const events = registry.vote(bob, first, 'first');
    expect(types(events)).toEqual(['activation_voted', 'activated']);
    expect(events[1]?.data).toMatchObject({
      hash: hash('first'),
      by: ada,
      approvedBy: [ada, bob],
      because: 'two_people',
    });
    expect(registry.active).toBe(hash('first'));
  });

  test.each(['ada', 'Ada', ' ada '])('the one who asked is not a second person as %j', (sub) => {
    registry.activate(ada, 'first', 'one');
    expect(codeOf(registry.vote(person(sub), first, 'first'))).toBe('voted');
    expect(registry.active).toBeUndefined();
  });

  test('only an admin asks and votes, and a module is none', () => {
    for (const by of [
      desk,
      { sub: 'mallory', roles: ['operator', 'lead'] },
      { sub: 'mallory', roles: ['admin'], tenant: 'acme' },
    ]) {
      expect(codeOf(registry.activate(by, 'first'))).toBe('forbidden');
      registry.activate(ada, 'first', 'one');
      expect(codeOf(registry.vote(by, first, 'first'))).toBe('forbidden');
    }
    expect(codeOf(registry.propose('first'))).toBe('forbidden');
    expect(registry.active).toBeUndefined();
  });

  test('going back to an earlier bundle takes one person', () => {
    registry.inForce('first');
    registry.inForce('second');
    const events = registry.activate(eve, 'first');
    expect(events.at(-1)?.data).toMatchObject({
      because: 'rollback',
      from: hash('second'),
      approvedBy: [eve],
    });
    expect(registry.active).toBe(hash('first'));
  });

  test('forbidding more takes one person', () => {
    registry.inForce('first');
    expect(registry.activate(eve, 'emergency').at(-1)?.data).toMatchObject({ because: 'stricter' });
    expect(registry.active).toBe(hash('emergency'));
  });

  test('forbidding more than a bundle that is not in force is no ground', () => {
    registry.inForce('second');
    registry.activate(eve, 'emergency');
    expect(registry.active).toBe(hash('second'));
  });

  test('a no settles it, also by the one who asked', () => {
    for (const [at, by] of [bob, ada].entries()) {
      const id = activationIdOf(`try ${at}`);
      registry.activate(ada, 'first', `try ${at}`);
      expect(types(registry.vote(by, id, 'first', 'deny'))).toEqual([
        'activation_voted',
        'activation_closed',
      ]);
      expect(codeOf(registry.vote(bob, id, 'first'))).toBe('closed');
    }
    expect(registry.active).toBeUndefined();
  });

  test('a vote names the bundle that the voter has seen', () => {
    registry.activate(ada, 'first', 'one');
    expect(codeOf(registry.vote(bob, first, 'second'))).toBe('other_hash');
    expect(registry.active).toBeUndefined();
  });

  test('of two that wait the first to come into force makes the other void', () => {
    registry.activate(ada, 'first', 'one');
    registry.activate(bob, 'second', 'two');
    const events = registry.vote(eve, activationIdOf('two'), 'second');
    expect(types(events)).toEqual(['activation_voted', 'activated', 'activation_closed']);
    expect(registry.statusOf(first)).toBe('superseded');
    expect(codeOf(registry.vote(eve, first, 'first'))).toBe('closed');
    expect(registry.active).toBe(hash('second'));
  });

  test('asking twice for one bundle is told which activation waits', () => {
    registry.activate(ada, 'first', 'one');
    const again = registry.activate(bob, 'first');
    expect(codeOf(again)).toBe('pending');
    expect(again[0]?.data).toMatchObject({ activationId: first });
  });

  test('a command that comes twice is taken once', () => {
    registry.activate(ada, 'first', 'one');
    expect(registry.activate(ada, 'first', 'one')).toEqual([]);
  });

  test('a command that was refused when it was given does nothing later, from whoever has kept it', () => {
    registry.inForce('first');
    expect(codeOf(registry.activate(ada, 'first', 'kept'))).toBe('already_active');
    registry.inForce('second');
    expect(codeOf(registry.activate(ada, 'first', 'kept'))).toBe('already_active');
    expect(registry.active).toBe(hash('second'));
  });

  test('nobody without the role pushes a refusal out of what is remembered', () => {
    registry.inForce('first');
    registry.activate(ada, 'first', 'kept');
    const remembered = registry.state?.policy.refused;
    registry.activate({ sub: 'mallory', roles: [] }, 'first', 'pushes');
    expect(registry.state?.policy.refused).toEqual(remembered);
    expect(remembered).toHaveLength(1);
  });

  test('what nobody has published, or is in force already, is refused', () => {
    expect(codeOf(registry.activate(ada, 'f'.repeat(64)))).toBe('unknown_bundle');
    registry.inForce('first');
    expect(codeOf(registry.activate(ada, 'first'))).toBe('already_active');
    expect(codeOf(registry.vote(bob, 'nothing', 'first'))).toBe('unknown_activation');
  });

  test('nobody waits longer than a day for a second person', () => {
    registry.activate(ada, 'first', 'one');
    registry.now = registry.dueAt ?? 0;
    expect(registry.now).toBe(1_000 + 86_400_000);
    expect(types(registry.due())).toEqual(['activation_closed']);
    expect(registry.statusOf(first)).toBe('expired');
    expect(registry.dueAt).toBeUndefined();
  });

  test('also when the decision on it breaks: nobody is asked about it for ever', () => {
    registry.activate(ada, 'first', 'one');
    registry.now = registry.dueAt ?? 0;
    expect(types(registry.dueBroken())).toEqual(['activation_closed']);
    expect(registry.dueAt).toBeUndefined();
  });
});

describe('in development', () => {
  beforeEach(() => {
    registry = new Registry('development');
  });

  test('one person is enough', () => {
    expect(registry.activate(ada, 'first').at(-1)?.data).toMatchObject({ because: 'development' });
    expect(registry.active).toBe(hash('first'));
  });

  test('what a module proposes comes into force, under the name of the module', () => {
    expect(registry.propose('first').at(-1)?.data).toMatchObject({ because: 'module', approvedBy: [desk] });
    expect(registry.active).toBe(hash('first'));
    registry.propose('second');
    expect(registry.active).toBe(hash('second'));
  });

  test('a module that says the same again changes nothing', () => {
    registry.propose('first');
    expect(types(registry.propose('first'))).toEqual(['proposed']);
    registry.propose('second', moduleIdentity('other'));
    registry.propose('first');
    expect(registry.active).toBe(hash('second'));
  });

  test('a module never replaces what a person has put into force', () => {
    registry.propose('first');
    registry.activate(ada, 'emergency');
    for (const name of ['first', 'second', 'first'] as const)
      expect(registry.propose(name)[0]?.data).toMatchObject({ activates: false });
    expect(registry.active).toBe(hash('emergency'));
  });

  test('only modules propose', () => {
    expect(codeOf(registry.propose('first', ada))).toBe('forbidden');
  });
});

test('whatever people do in production, each bundle in force is agreed to by two, or is a way back, or forbids more', () => {
  const people = [ada, bob, eve, person('ADA'), { sub: 'mallory', roles: ['operator'] }, desk];
  const names = Object.keys(bundles) as Name[];
  const action = fc.record({
    kind: fc.constantFrom('activate', 'vote', 'vote', 'propose'),
    by: fc.constantFrom(...people),
    name: fc.constantFrom(...names),
    to: fc.nat(5),
    vote: fc.constantFrom('approve' as const, 'approve' as const, 'deny' as const),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const world = new Registry('production');
      for (const { kind, by, name, to, vote } of actions) {
        const waiting = world.state?.policy.activations ?? [];
        if (kind === 'activate') world.activate(by, name);
        else if (kind === 'propose') world.propose(name, by);
        else world.vote(by, waiting[to % Math.max(1, waiting.length)]?.activationId ?? 'none', name, vote);
      }
      const seen: string[] = [];
      for (const { type, data } of world.log) {
        if (type !== 'policy.activated') continue;
        const bundle = data as NonNullable<NonNullable<RegistryState['policy']>['active']>;
        const who = new Set(bundle.approvedBy.map(({ sub }) => sub.toLowerCase()));
        expect(bundle.approvedBy.every(({ roles }) => roles.includes('admin'))).toBe(true);
        const isStricter = bundle.from === hash('first') && bundle.hash === hash('emergency');
        expect(who.size === 2 || seen.includes(bundle.hash) || isStricter).toBe(true);
        seen.push(bundle.hash);
      }
    }),
    { numRuns: 200 },
  );
});
