import type { Actor, NewEvent } from '@interlock/actors';
import {
  ControlRefused,
  type ControlState,
  type Identity,
  inForce,
  isLifted,
  LiftStop,
  nothingStopped,
  StopCalls,
  type StopScope,
  stopOf,
  VoteOnLift,
} from '@interlock/contracts';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RegistrySettings } from '../registry.state.js';
import { CONTROL_KEY, controlActor } from './control.actor.js';
import { stopIdOf } from './stop.js';

const operator = (sub: string, tenant?: string): Identity => ({
  sub,
  roles: ['operator'],
  ...(tenant !== undefined && { tenant }),
});
const [ada, bob] = [operator('ada'), operator('bob')];
const pay = { workflow: 'w', levels: [], compensates: false, tool: 'refunds.create' };

class Switchboard {
  state: ControlState | undefined;
  readonly log: NewEvent[] = [];
  #commands = 0;
  readonly #actor: Actor<ControlState>;

  constructor(mode: RegistrySettings['mode']) {
    this.#actor = controlActor({ mode });
  }

  stop(by: Identity, scope: StopScope, { compensations = false, commandId = `stop ${this.#commands}` } = {}) {
    return this.#give(StopCalls.type, { by, scope, compensations, reason: 'the bank is down' }, commandId);
  }

  lift(by: Identity, stopId: string, commandId?: string): NewEvent[] {
    return this.#give(LiftStop.type, { by, stopId, reason: 'it is up' }, commandId);
  }

  vote(by: Identity, stopId: string, vote: 'approve' | 'deny', commandId?: string): NewEvent[] {
    return this.#give(VoteOnLift.type, { by, stopId, vote, reason: 'seen' }, commandId);
  }

  isStopped(call: Parameters<typeof stopOf>[1] = pay): boolean {
    return this.state !== undefined && stopOf(this.state, call) !== undefined;
  }

  #give(type: string, data: object, commandId = `c${this.#commands}`): NewEvent[] {
    this.#commands += 1;
    const meta = { id: commandId, epoch: -1, index: 0, time: 0 };
    const about = { topic: 'control.commands', offset: this.#commands, part: 0, key: 'control', type, meta };
    const message = { ...about, data: { commandId, issuedAt: 0, ...data } };
    const context = { now: this.#commands, deferred: [], isRunning: () => false };
    const { events } = this.#actor.decide({ kind: 'message', message }, this.state, context, CONTROL_KEY);
    for (const event of events)
      this.state = this.#actor.evolve(this.state, { ...event, id: '', seq: 0, time: 0 }, CONTROL_KEY);
    this.log.push(...events);
    return [...events];
  }
}

const types = (events: readonly NewEvent[]) => events.map(({ type }) => type);
const codeOf = (events: readonly NewEvent[]): string => {
  expect(types(events)).toEqual([ControlRefused.type]);
  return ControlRefused.schema.parse(events[0]?.data).code;
};

let board: Switchboard;
beforeEach(() => {
  board = new Switchboard('production');
});

describe('one person stops', () => {
  test.each<[StopScope, object, boolean]>([
    [{ tool: 'refunds.create' }, {}, true],
    [{ tool: 'refunds.create' }, { tool: 'mail.send' }, false],
    [{ tool: 'refunds.create' }, { tool: undefined }, false],
    [{ workflow: 'w' }, {}, true],
    [{ workflow: 'w' }, { tool: undefined }, true],
    [{ workflow: 'other' }, {}, false],
    [{ tenant: 'acme' }, { tenant: 'acme' }, true],
    [{ tenant: 'acme' }, {}, false],
    [{ level: 'assisted' }, { levels: ['assisted'] }, true],
    [{ level: 'assisted' }, {}, false],
    [{ all: true }, {}, true],
    [{ all: true }, { compensates: true }, false],
  ])('%j, and of %j that is stopped: %s', (scope, change, isStopped) => {
    board.stop(ada, scope);
    const { tool, ...call } = { ...pay, ...change };
    expect(board.isStopped(tool === undefined ? call : { ...call, tool })).toBe(isStopped);
  });

  test('what undoes something too, when that is said', () => {
    board.stop(ada, { all: true }, { compensations: true });
    expect(board.isStopped({ ...pay, compensates: true })).toBe(true);
  });

  test('once, however often the command comes', () => {
    board.stop(ada, { all: true }, { commandId: 'same' });
    expect(board.stop(ada, { all: true }, { commandId: 'same' })).toEqual([]);
    expect(board.state?.count).toBe(1);
  });

  test.each<[string, Identity, StopScope]>([
    ['without the role', { sub: 'eve', roles: ['lead', 'auditor'] }, { all: true }],
    ['of a tenant, for everybody', operator('eve', 'acme'), { all: true }],
    ['of a tenant, for another one', operator('eve', 'acme'), { tenant: 'other' }],
  ])('but nobody %s', (_name, by, scope) => {
    expect(codeOf(board.stop(by, scope))).toBe('forbidden');
    expect(board.isStopped({ ...pay, tenant: 'other' })).toBe(false);
  });

  test('for their own tenant', () => {
    board.stop(operator('eve', 'acme'), { tenant: 'acme' });
    expect(board.isStopped({ ...pay, tenant: 'acme' })).toBe(true);
  });

  test('at most so many things at a time, and then all', () => {
    for (let at = 0; at < 500; at += 1) board.stop(ada, { tool: `t${at}` }, { commandId: `n${at}` });
    expect(codeOf(board.stop(ada, { all: true }))).toBe('too_many');
  });
});

describe('lifting', () => {
  const stopId = stopIdOf('one');
  beforeEach(() => {
    board.stop(ada, { tool: 'refunds.create' }, { commandId: 'one' });
  });

  test('takes two different people in production, one of whom may have stopped it', () => {
    expect(types(board.lift(ada, stopId))).toEqual(['control.lift_voted']);
    expect(board.isStopped()).toBe(true);
    expect(types(board.vote(bob, stopId, 'approve'))).toEqual(['control.lift_voted', 'control.lifted']);
    expect(board.isStopped()).toBe(false);
  });

  test.each(['ada', ' ADA', 'a\u{34f}da'])('%j is nobody else', (sub) => {
    board.lift(ada, stopId);
    expect(codeOf(board.vote(operator(sub), stopId, 'approve'))).toBe('voted');
    expect(board.isStopped()).toBe(true);
  });

  test('begins anew after a no', () => {
    board.lift(ada, stopId);
    board.vote(bob, stopId, 'deny');
    board.vote(bob, stopId, 'approve');
    expect(board.isStopped()).toBe(true);
    board.lift(ada, stopId);
    expect(board.isStopped()).toBe(false);
  });

  test('a word that was refused when it was given is not taken later, from whoever has kept it', () => {
    board.stop(ada, { all: true }, { commandId: 's' });
    const stopId = stopIdOf('s');
    board.vote(ada, stopId, 'approve');
    expect(codeOf(board.vote(ada, stopId, 'approve', 'once more'))).toBe('voted');
    board.vote(bob, stopId, 'deny');
    expect(codeOf(board.vote(ada, stopId, 'approve', 'once more'))).toBe('voted');
    board.vote(bob, stopId, 'approve');
    expect(board.isStopped()).toBe(true);
  });

  test('takes one person in development', () => {
    board = new Switchboard('development');
    board.stop(ada, { all: true }, { commandId: 'one' });
    expect(types(board.lift(bob, stopId))).toEqual(['control.lift_voted', 'control.lifted']);
  });

  test('of what is lifted, or never was stopped, or by nobody who may, is refused', () => {
    expect(codeOf(board.lift(ada, 'nothing'))).toBe('unknown_stop');
    expect(codeOf(board.lift({ sub: 'eve', roles: [] }, stopId))).toBe('forbidden');
    expect(codeOf(board.lift(operator('eve', 'acme'), stopId))).toBe('forbidden');
    board.lift(ada, stopId);
    board.lift(bob, stopId);
    expect(codeOf(board.lift(bob, stopId))).toBe('lifted');
  });

  test('of one stop leaves the others in force', () => {
    board.stop(bob, { all: true });
    board.lift(ada, stopId);
    board.lift(bob, stopId);
    expect(board.isStopped()).toBe(true);
  });

  test('is known by the number of the stop, also long after', () => {
    expect(isLifted(board.state!, 1)).toBe(false);
    board.lift(ada, stopId);
    board.lift(bob, stopId);
    for (let at = 0; at < 300; at += 1) {
      board.stop(ada, { tool: 't' }, { commandId: `n${at}` });
      board.lift(ada, stopIdOf(`n${at}`));
      board.lift(bob, stopIdOf(`n${at}`));
    }
    expect(board.state?.stops.length).toBeLessThanOrEqual(200);
    expect([isLifted(board.state!, 1), isLifted(board.state!, 999)]).toEqual([true, false]);
  });
});

test('whatever people do in production, what is lifted was lifted by two since the last no', () => {
  const people = [ada, bob, operator('ADA'), { sub: 'mallory', roles: ['lead'] }, operator('eve', 'acme')];
  const action = fc.record({
    kind: fc.constantFrom('stop', 'lift', 'approve', 'deny'),
    by: fc.constantFrom(...people),
    to: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const world = new Switchboard('production');
      for (const { kind, by, to } of actions) {
        const stopId = world.state?.stops[to]?.stopId ?? 'none';
        if (kind === 'stop') world.stop(by, { all: true });
        else if (kind === 'lift') world.lift(by, stopId);
        else world.vote(by, stopId, kind === 'deny' ? 'deny' : 'approve');
      }
      for (const stop of world.state?.stops ?? []) {
        if (stop.lifted === undefined) continue;
        const since = stop.votes.slice(stop.votes.findLastIndex(({ vote }) => vote === 'deny') + 1);
        expect(new Set(since.map(({ by }) => by.sub.toLowerCase())).size).toBe(2);
        expect(since.every(({ by }) => by.roles.includes('operator') && by.tenant === undefined)).toBe(true);
      }
      expect(inForce(world.state ?? nothingStopped).every(({ lifted }) => !lifted)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
