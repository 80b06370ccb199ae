import { randomUUID } from 'node:crypto';
import {
  ActivatePolicy,
  type Activation,
  type ActivationRefused,
  type Identity,
  type MessageOf,
  type PolicyInForce,
  type ProblemKind,
  personOf,
  VoteOnActivation,
} from '@interlock/contracts';
import type { ActivationBody, ActivationVoteBody } from '@interlock/contracts/http';
import type { Bearer, OwnerAnswer, OwnerCaller } from '@interlock/service';
import { OwnerCommander } from './owner.commander.js';
import { notReady, Problem, refusedAs } from './problem.js';

type Refusal = MessageOf<typeof ActivationRefused>['data'];

const KEY = 'policy';

const kindOf: Readonly<Record<Refusal['code'], ProblemKind>> = {
  forbidden: 'not-allowed',
  unknown_bundle: 'unknown',
  unknown_activation: 'unknown',
  already_active: 'conflict',
  pending: 'conflict',
  closed: 'conflict',
  other_hash: 'conflict',
  voted: 'conflict',
  too_many: 'conflict',
  not_decided: 'internal',
};

const refusalIn = (answer: OwnerAnswer): Problem | undefined =>
  answer.type === 'policy.activation_refused'
    ? refusedAs(kindOf[answer.data.code], answer.data.code, answer.data.message)
    : undefined;

/** Asks the registry to put bundles into force. What may is decided there, on record. */
export class PolicyActivator {
  readonly #commander: OwnerCommander;

  constructor(
    registry: OwnerCaller,
    readonly known: { readonly policy: PolicyInForce },
  ) {
    this.#commander = new OwnerCommander(registry, KEY, refusalIn);
  }

  /** @throws {Problem} the registry refuses, or has not answered */
  async activate(
    bearer: Bearer,
    { commandId = randomUUID(), hash, reason }: ActivationBody,
  ): Promise<Activation> {
    const repeated = this.#find((one) => one.commandId === commandId);
    if (repeated !== undefined) return same(repeated, bearer.by, hash);
    await this.#commander.ask(ActivatePolicy, bearer, { commandId, hash, reason });
    return this.#found((one) => one.commandId === commandId);
  }

  /** @throws {Problem} the registry refuses, or has not answered */
  async vote(bearer: Bearer, activationId: string, body: ActivationVoteBody): Promise<Activation> {
    const { commandId = randomUUID(), vote, hash, reason } = body;
    const activation = this.#find((one) => one.activationId === activationId);
    if (activation === undefined) throw new Problem('unknown', `There is no activation ${activationId}.`);
    if (activation.hash === hash && activation.votes.some((one) => one.commandId === commandId))
      return activation;
    await this.#commander.ask(VoteOnActivation, bearer, { commandId, activationId, vote, hash, reason });
    return this.#found((one) => one.activationId === activationId);
  }

  readonly #find = (wanted: (one: Activation) => boolean): Activation | undefined =>
    this.known.policy.activations.find(wanted);

  #found(wanted: (one: Activation) => boolean): Activation {
    const found = this.#find(wanted);
    if (found === undefined)
      throw notReady('The activation is settled, and no longer among the newest ones.');
    return found;
  }
}

/** @throws {Problem} conflict: the id was used for something else */
function same(activation: Activation, by: Identity, hash: string): Activation {
  if (activation.hash === hash && personOf(activation.by.sub) === personOf(by.sub)) return activation;
  throw new Problem('conflict', 'This commandId was used for another activation.');
}
