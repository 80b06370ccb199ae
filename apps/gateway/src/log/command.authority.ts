import {
  AuthorityRefusedError,
  type Credential,
  type Mode,
  proven,
  type SealingTargets,
  sealAuthority,
  TrustSettingsError,
} from '@interlock/authority';
import type { Identity, Message, ServiceName } from '@interlock/contracts';
import { hashOfRecord, type LogRecord, type Meta, plainRecord } from '@interlock/log';
import { AUTHORITY_HEADER } from '@interlock/service';
import { notReady, refusedAs } from '../http/problem.js';

/** Who asks, and what proves it, as it came: it goes with every command to the service that judges it. */
export interface Bearer {
  readonly by: Identity;
  readonly credential: Credential;
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
 * Sends what proves a command along with it. What this gateway says itself about who asked is taken by nobody on Kafka; on the
 * embedded log it is the one process there is, so nothing is sealed.
 */
export class CommandAuthority {
  /** @param targets whom to seal to; undefined: on the embedded log */
  constructor(
    private readonly mode: Mode,
    private readonly targets: SealingTargets | undefined,
  ) {}

  /**
   * The record of a command, with who gives it, and with what proves that to `service` alone.
   * @throws {Problem} not-allowed: the signature is missing where it is needed, or is not over this command; not-ready: nobody to
   * seal it to is known
   */
  async recordOf(
    { key, wire, meta, data }: NewCommand,
    service: ServiceName,
    bearer: Bearer,
  ): Promise<LogRecord> {
    const by = await this.#proven({ type: wire.slice(0, wire.lastIndexOf('/')), data }, bearer);
    return this.#sealed(plainRecord(key, wire, meta, { ...data, by }), service, bearer);
  }

  /** Judged here already, so that a wrong signature is told to whoever sent it. */
  async #proven(command: Message, { by, credential }: Bearer): Promise<Identity> {
    try {
      return await proven(command, by, credential.proof, this.mode);
    } catch (error) {
      if (error instanceof AuthorityRefusedError) throw refusedAs('not-allowed', error.code, error.message);
      throw error;
    }
  }

  async #sealed(record: LogRecord, service: ServiceName, { credential }: Bearer): Promise<LogRecord> {
    if (this.targets === undefined) return record;
    const hash = hashOfRecord(record).toString('hex');
    const sealed = await sealAuthority(credential, keyOf(this.targets, service), hash);
    return { ...record, headers: { ...record.headers, [AUTHORITY_HEADER]: Buffer.from(sealed) } };
  }
}

function keyOf(targets: SealingTargets, service: ServiceName) {
  try {
    return targets.keyOf(service);
  } catch (error) {
    if (error instanceof TrustSettingsError)
      throw notReady(`There is no key to seal commands to the ${service} with.`, 5);
    throw error;
  }
}
