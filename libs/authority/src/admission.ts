import { fieldOf, type Identity, type Message, type ServiceName } from '@interlock/contracts';
import { checkProof } from './proof/client.proof.js';
import { requestOf } from './proof/client.request.js';
import { AuthorityRefusedError } from './refusal.js';
import { type Credential, openAuthority } from './sealing/sealed.authority.js';
import type { SealingKeys } from './sealing/sealing.keys.js';
import type { TokenVerifier } from './tokens/token.verifier.js';
import type { WebhookCredential } from './webhook/webhook.credential.js';

export type Mode = 'development' | 'production';

/** Whoever holds a token could give these in its owner's name: in production its owner signs each of them. */
const SIGNED_IN_PRODUCTION: ReadonlySet<string> = new Set([
  'approval.vote',
  'artifact.publish',
  'policy.activate',
  'policy.activation_vote',
  'control.lift',
  'control.lift_vote',
]);

export const mustBeSigned = (type: string, mode: Mode): boolean =>
  mode === 'production' && SIGNED_IN_PRODUCTION.has(type);

/** What lies between the gateway, where a token was in force, and the broker's stamp on the command. */
const GRACE_S = 10;

/** A command as it came from a broker that others can write to. */
export interface SealedCommand {
  readonly message: Message;
  /** The sealed token that came with it. */
  readonly sealed: string | undefined;
  /** Hash of the record's own bytes. */
  readonly recordHash: string;
  /** When the broker took it, UTC ms. */
  readonly appendedAt: number | undefined;
}

/**
 * Judges a command that an event of another system has led to.
 * @returns in whose name it is given
 * @throws {AuthorityRefusedError} the event is not signed, or the command is not what it leads to
 * @throws {IssuerUnavailableError} the trigger is not read here yet
 */
export type WebhookJudge = (message: Message, webhook: WebhookCredential, at: number) => Identity;

/** Where a record of another system stands, that is said to have led to a command. */
export type TopicCredential = Extract<Credential, { topic: unknown }>['topic'];

/**
 * Judges a command that such a record has led to.
 * @returns in whose name it is given
 * @throws {AuthorityRefusedError} no such record is there, or the command is not what it leads to
 * @throws {IssuerUnavailableError} the record cannot be read now
 */
export type TopicJudge = (message: Message, place: TopicCredential, at: number) => Promise<Identity>;

export interface CommandVerifierOptions {
  readonly service: ServiceName;
  readonly mode: Mode;
  readonly keys: SealingKeys;
  readonly tokens: TokenVerifier;
  /** The role that every sender of these commands needs; undefined: the actor decides. */
  readonly role: string | undefined;
  /** Absent: no event of another system leads to these. */
  readonly webhooks?: WebhookJudge | undefined;
  /** Absent: no record in a topic of others does. */
  readonly topics?: TopicJudge | undefined;
  /** Types of commands whose senders need not have it, because the actor decides who may give them. */
  readonly anyRole?: ReadonlySet<string> | undefined;
}

/** Finds out who gave a command from the proof that came with it, and trusts nothing else. */
export class CommandVerifier {
  constructor(private readonly options: CommandVerifierOptions) {}

  /**
   * The identity that gave the command, with its proof.
   * @throws {AuthorityRefusedError} no known identity gave exactly this command
   * @throws {IssuerUnavailableError} nothing can be said yet
   */
  async verify({ message, sealed, recordHash, appendedAt }: SealedCommand): Promise<Identity> {
    const { service, keys, tokens, role, anyRole, webhooks, topics } = this.options;
    if (appendedAt === undefined) {
      throw new AuthorityRefusedError(
        'authority.time',
        'the broker does not say when it took this: its topic needs message.timestamp.type=LogAppendTime',
      );
    }
    if (sealed === undefined)
      throw new AuthorityRefusedError('authority.missing', 'it carries no sealed token');
    const credential = await openAuthority(sealed, keys, service, recordHash);
    if ('webhook' in credential) {
      if (webhooks !== undefined) return webhooks(message, credential.webhook, appendedAt);
      throw new AuthorityRefusedError(
        'authority.webhook',
        `${service} takes no such command from other systems`,
      );
    }
    if ('topic' in credential) {
      if (topics !== undefined) return topics(message, credential.topic, appendedAt);
      throw new AuthorityRefusedError(
        'authority.topic',
        `${service} takes no such command from topics of others`,
      );
    }
    refuseOfTrigger(message);
    const { token, proof } = credential;
    const by = await tokens.verify(token, { at: appendedAt, graceS: GRACE_S });
    const isFree = anyRole?.has(message.type) === true;
    if (role !== undefined && !isFree && !by.roles.includes(role)) {
      throw new AuthorityRefusedError('authority.role', `${by.sub} does not have the role ${role}`);
    }
    return proven(message, by, proof, this.options.mode);
  }
}

/** Only a signed event speaks for a trigger: with a token anybody who may write here could say that it does. */
function refuseOfTrigger({ data }: Message): void {
  if (fieldOf(data, 'trigger') === undefined) return;
  throw new AuthorityRefusedError('authority.webhook', 'it says that a trigger gives it, and none has');
}

/**
 * The person with their signature, where there is one.
 * @throws {AuthorityRefusedError} it is missing where it is needed, or is not over exactly this command
 */
export async function proven(
  { type, data }: Message,
  by: Identity,
  proof: string | undefined,
  mode: Mode,
): Promise<Identity> {
  const request = requestOf({ type, data });
  if (proof === undefined) {
    if (!mustBeSigned(type, mode)) return by;
    throw new AuthorityRefusedError(
      'authority.proof',
      `${type} is signed by the person who gives it: send Interlock-Proof, as ./interlock does once you have logged in`,
    );
  }
  if (request === undefined || by.authority === undefined) {
    throw new AuthorityRefusedError('authority.proof', `${type} takes no Interlock-Proof`);
  }
  const commandId = String(fieldOf(data, 'commandId'));
  await checkProof(proof, { commandId, by, request });
  return { ...by, authority: { ...by.authority, proof } };
}
