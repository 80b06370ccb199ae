import { randomUUID } from 'node:crypto';
import {
  ActivatePolicy,
  type Activation,
  ActivationRefused,
  type Identity,
  type MessageDefinition,
  type MessageOf,
  type PolicyInForce,
  personOf,
  VoteOnActivation,
} from '@interlock/contracts';
import { notReady, Problem, type ProblemKind } from '../http/problem.js';
import { appendProblem } from '../log/append.problem.js';
import type { Bearer } from '../log/command.authority.js';
import type { RegistryAnswer, RegistryCaller, RegistryCommand } from '../log/registry.caller.js';
import type { ActivationBody, ActivationVoteBody } from './activation.requests.js';

type Refusal = MessageOf<typeof ActivationRefused>['data'];

/** How long a caller waits for the registry, ms. */
const ANSWER_MS = 10_000;
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

/** Asks the registry to put bundles into force. What may is decided there, on record. */
export class PolicyActivator {
  constructor(
    readonly registry: RegistryCaller,
    readonly known: { readonly policy: PolicyInForce },
  ) {}

  /** @throws {Problem} the registry refuses, or has not answered */
  async activate(
    bearer: Bearer,
    { commandId = randomUUID(), hash, reason }: ActivationBody,
  ): Promise<Activation> {
    const repeated = this.#find((one) => one.commandId === commandId);
    if (repeated !== undefined) return same(repeated, bearer.by, hash);
    await this.#ask(ActivatePolicy, bearer, { commandId, hash, reason });
    return this.#found((one) => one.commandId === commandId);
  }

  /** @throws {Problem} the registry refuses, or has not answered */
  async vote(bearer: Bearer, activationId: string, body: ActivationVoteBody): Promise<Activation> {
    const { commandId = randomUUID(), vote, hash, reason } = body;
    const activation = this.#find((one) => one.activationId === activationId);
    if (activation === undefined) throw new Problem('unknown', `There is no activation ${activationId}.`);
    if (activation.hash === hash && activation.votes.some((one) => one.commandId === commandId))
      return activation;
    await this.#ask(VoteOnActivation, bearer, { commandId, activationId, vote, hash, reason });
    return this.#found((one) => one.activationId === activationId);
  }

  async #ask(definition: MessageDefinition, bearer: Bearer, command: RegistryCommand): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await this.registry
      .ask(definition, KEY, bearer, command, signal)
      .catch((error: unknown) => {
        throw appendProblem(error);
      });
    if (answer === undefined)
      throw notReady(
        'The registry has not answered yet. Repeat the request with its commandId: it is safe.',
        5,
      );
    refuse(answer);
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

function refuse({ type, data }: RegistryAnswer): void {
  if (type !== ActivationRefused.type) return;
  const { code, message } = data as Refusal;
  throw new Problem(kindOf[code], message);
}

/** @throws {Problem} conflict: the id was used for something else */
function same(activation: Activation, by: Identity, hash: string): Activation {
  if (activation.hash === hash && personOf(activation.by.sub) === personOf(by.sub)) return activation;
  throw new Problem('conflict', 'This commandId was used for another activation.');
}
