import {
  type Credential,
  type Mode,
  proven,
  type SealingTargets,
  sealAuthority,
  TrustSettingsError,
} from '@interlock/authority';
import type { Identity, ServiceName } from '@interlock/contracts';
import { hashOfRecord, type LogRecord, type Meta, plainRecord } from '@interlock/log';
import { AUTHORITY_HEADER } from './command.admission.js';

/** Who asks, and what proves it, as it came: it goes with every command to the service that verifies it. */
export interface Bearer {
  readonly by: Identity;
  readonly credential: Credential;
}

/** Commands to a service cannot be sealed, because its public key is not known here. */
export class NoSealingKeyError extends Error {
  constructor(service: ServiceName) {
    super(`There is no key to seal commands to the ${service} with.`);
    this.name = 'NoSealingKeyError';
  }
}

/** A command before it is a record. */
export interface NewCommand {
  /** The run whose partition it goes to, or the artifact it is about. */
  readonly key: string;
  readonly wire: string;
  readonly meta: Omit<Meta, 'epoch' | 'index'>;
  readonly data: object;
}

/**
 * Sends the proof of a command along with it. On Kafka no service trusts what the gateway says about the sender; on the embedded log there
 * is only this process, so nothing is sealed.
 */
export class CommandAuthority {
  /** @param targets whom to seal to; undefined: on the embedded log */
  constructor(
    private readonly mode: Mode,
    private readonly targets: SealingTargets | undefined,
  ) {}

  /**
   * The record of a command, with who gives it, and with what proves that to `service` alone.
   * @throws {AuthorityRefusedError} the signature is missing where it is needed, or is not over this command; verified here already, so
   * that whoever sent it is told
   * @throws {NoSealingKeyError} try again when its public file is there
   */
  async recordOf(
    { key, wire, meta, data }: NewCommand,
    service: ServiceName,
    bearer: Bearer,
  ): Promise<LogRecord> {
    const message = { type: wire.slice(0, wire.lastIndexOf('/')), data };
    const by = await proven(message, bearer.by, proofIn(bearer.credential), this.mode);
    return this.#sealed(plainRecord(key, wire, meta, { ...data, by }), service, bearer);
  }

  async #sealed(record: LogRecord, service: ServiceName, { credential }: Bearer): Promise<LogRecord> {
    if (this.targets === undefined) return record;
    const hash = hashOfRecord(record).toString('hex');
    const sealed = await sealAuthority(credential, keyOf(this.targets, service), hash);
    return { ...record, headers: { ...record.headers, [AUTHORITY_HEADER]: Buffer.from(sealed) } };
  }
}

const proofIn = (credential: Credential): string | undefined =>
  'token' in credential ? credential.proof : undefined;

function keyOf(targets: SealingTargets, service: ServiceName) {
  try {
    return targets.keyOf(service);
  } catch (error) {
    if (error instanceof TrustSettingsError) throw new NoSealingKeyError(service);
    throw error;
  }
}
