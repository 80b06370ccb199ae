import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import {
  type ControlRefused,
  type ControlState,
  LiftStop,
  type MessageDefinition,
  type MessageOf,
  type ProblemKind,
  type Stop,
  StopCalls,
  VoteOnLift,
} from '@interlock/contracts';
import type { LiftBody, LiftVoteBody, StopBody } from '@interlock/contracts/http';
import type { Bearer, OwnerAnswer, OwnerCaller } from '@interlock/service';
import { OwnerCommander } from './owner.commander.js';
import { notReady, Problem, refusedAs } from './problem.js';

type Refusal = MessageOf<typeof ControlRefused>['data'];

const KEY = 'control';

const kindOf: Readonly<Record<Refusal['code'], ProblemKind>> = {
  forbidden: 'not-allowed',
  unknown_stop: 'unknown',
  lifted: 'conflict',
  voted: 'conflict',
  too_many: 'conflict',
  not_decided: 'internal',
};

const refusalIn = (answer: OwnerAnswer): Problem | undefined =>
  answer.type === 'control.refused'
    ? refusedAs(kindOf[answer.data.code], answer.data.code, answer.data.message)
    : undefined;

/** Asks the registry to stop calls, and to let them go on. */
export class KillSwitch {
  readonly #commander: OwnerCommander;

  /** @param settleMs how long a process that starts something may not know of a stop that is in the log */
  constructor(
    registry: OwnerCaller,
    readonly known: { readonly state: ControlState },
    readonly settleMs: number,
  ) {
    this.#commander = new OwnerCommander(registry, KEY, refusalIn);
  }

  /**
   * Answers once the stop is in force everywhere: it is in the log, and no process may have missed it any more.
   * @throws {Problem} the registry refuses, or has not answered
   */
  async stop(bearer: Bearer, { commandId = randomUUID(), ...body }: StopBody): Promise<Stop> {
    const repeated = this.#find((stop) => stop.commandId === commandId);
    if (repeated !== undefined) return same(repeated, body);
    await this.#commander.ask(StopCalls, bearer, { commandId, ...body });
    await after(this.settleMs);
    return this.#found((stop) => stop.commandId === commandId);
  }

  /** @throws {Problem} the registry refuses, or has not answered */
  lift(bearer: Bearer, stopId: string, body: LiftBody): Promise<Stop> {
    return this.#change(LiftStop, bearer, stopId, body);
  }

  /** @throws {Problem} the registry refuses, or has not answered */
  vote(bearer: Bearer, stopId: string, body: LiftVoteBody): Promise<Stop> {
    return this.#change(VoteOnLift, bearer, stopId, body);
  }

  async #change(
    definition: MessageDefinition,
    bearer: Bearer,
    stopId: string,
    { commandId = randomUUID(), ...body }: LiftBody | LiftVoteBody,
  ): Promise<Stop> {
    const stop = this.#find((one) => one.stopId === stopId);
    if (stop === undefined) throw new Problem('unknown', `There is no stop ${stopId}.`);
    if (stop.votes.some((one) => one.commandId === commandId)) return stop;
    await this.#commander.ask(definition, bearer, { commandId, stopId, ...body });
    return this.#found((one) => one.stopId === stopId);
  }

  readonly #find = (wanted: (stop: Stop) => boolean): Stop | undefined => this.known.state.stops.find(wanted);

  #found(wanted: (stop: Stop) => boolean): Stop {
    const found = this.#find(wanted);
    if (found === undefined) throw notReady('The stop is lifted, and no longer among the newest ones.');
    return found;
  }
}

/** @throws {Problem} conflict: the id was used for something else */
function same(stop: Stop, { scope, compensations }: Omit<StopBody, 'commandId'>): Stop {
  const isSame = JSON.stringify(scope) === JSON.stringify(stop.scope) && compensations === stop.compensations;
  if (isSame) return stop;
  throw new Problem('conflict', 'This commandId was used for another stop.');
}
