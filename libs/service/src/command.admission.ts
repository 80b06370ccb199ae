import type { Admission, Admitted, Arrival, Runtime } from '@interlock/actors';
import {
  AuthorityRefusedError,
  CommandVerifier,
  IssuerUnavailableError,
  SealingKeys,
  type TopicJudge,
  TrustSettingsError,
  type WebhookJudge,
} from '@interlock/authority';
import { partitionOf } from '@interlock/broker';
import { errorText, fieldOf, hasFields, type ServiceName, StartRun } from '@interlock/contracts';
import { hashOfRecord, isIntact, open } from '@interlock/log';
import { type Configuration, ConfigurationError } from './configuration.js';
import type { Log } from './logger.js';
import type { Readiness } from './readiness.js';
import { tokenVerifier } from './trust.js';

/** Header of a command's record: the sealed token of whoever gave it. */
export const AUTHORITY_HEADER = 'a';

const ASK_AGAIN_MS = 1_000;

export interface AdmissionOptions {
  readonly service: ServiceName;
  /** The role that every sender of commands to this service needs; absent: its actor decides. */
  readonly role?: string | undefined;
  /** Types of commands that need no role here: its actor decides. */
  readonly anyRole?: ReadonlySet<string> | undefined;
  /** Modules give it commands too, in development. */
  readonly modules?: boolean | undefined;
  /** Events of other systems lead to commands too. */
  readonly webhooks?: WebhookJudge | undefined;
  /** So do records in topics of others. */
  readonly topics?: TopicJudge | undefined;
}

/** What verifying commands takes of the process. */
export interface AdmissionPorts {
  readonly configuration: Configuration;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly readiness: Readiness;
}

/**
 * How a service verifies who gave the commands on its topic. On the embedded log there is nothing to verify: whoever can write to
 * it is this process, whose gateway has checked every token.
 * @throws {ConfigurationError} the keys of trust or of this service cannot be used
 */
export function commandAdmission(options: AdmissionOptions, ports: AdmissionPorts): Admission | undefined {
  if (ports.configuration.KAFKA_BROKERS === undefined) return undefined;
  const admission = new CommandAdmission(options.service, verifierOf(options, ports), ports);
  return (arrival) => admission.admit(arrival);
}

function verifierOf(
  { service, role, anyRole, modules = false, webhooks, topics }: AdmissionOptions,
  { configuration, log }: AdmissionPorts,
): CommandVerifier {
  const { INTERLOCK_MODE: mode, INTERLOCK_KEYS_DIR } = configuration;
  const tokens = tokenVerifier(configuration, log, modules && mode === 'development');
  return new CommandVerifier({
    service,
    mode,
    role,
    webhooks,
    topics,
    anyRole,
    tokens,
    keys: sealingKeys(INTERLOCK_KEYS_DIR, service),
  });
}

function sealingKeys(directory: string, service: ServiceName): SealingKeys {
  try {
    return SealingKeys.open(directory, service);
  } catch (error) {
    if (error instanceof TrustSettingsError) throw new ConfigurationError([error.message]);
    throw new ConfigurationError([`INTERLOCK_KEYS_DIR: ${errorText(error)}`]);
  }
}

class CommandAdmission {
  /** Why nothing can be said about commands at the moment. */
  #away: string | undefined;

  constructor(
    service: ServiceName,
    private readonly verifier: CommandVerifier,
    private readonly ports: AdmissionPorts,
  ) {
    ports.readiness.add(`tokens of ${service}`, () => this.#away);
  }

  /** Asks again until the issuer's keys are there: a command must not be refused because they are missing for a while. */
  async admit(arrival: Arrival): Promise<Admitted> {
    for (;;) {
      try {
        const admitted = await this.#verified(arrival);
        this.#away = undefined;
        return admitted;
      } catch (error) {
        if (error instanceof AuthorityRefusedError)
          return { refused: { code: error.code, message: error.message } };
        if (!(error instanceof IssuerUnavailableError) || arrival.signal.aborted) throw error;
        this.#away = error.message;
        await this.#wait();
      }
    }
  }

  /** `decide` sees only what was proven: the person, and the instant at which the broker took the command. */
  async #verified({ message, record, partition }: Arrival): Promise<Admitted> {
    this.#refuseMisplaced(message, partition);
    const opened = open(record);
    if (opened === undefined || !isIntact(record, opened))
      throw new AuthorityRefusedError('authority.unsealed', 'its bytes are not the ones that were sealed');
    const sealed = record.headers[AUTHORITY_HEADER];
    const by = await this.verifier.verify({
      message,
      sealed: sealed && Buffer.from(sealed).toString('utf8'),
      recordHash: hashOfRecord(record).toString('hex'),
      appendedAt: record.appendedAt,
    });
    const said = hasFields(message.data) ? message.data : {};
    return { data: { ...said, by, issuedAt: record.appendedAt } };
  }

  /** A start copied to another partition would be a second run of the same name. */
  #refuseMisplaced({ type, data }: Arrival['message'], partition: number): void {
    if (type !== StartRun.type) return;
    const runId = String(fieldOf(data, 'runId'));
    if (partitionOf(runId, this.ports.configuration.INTERLOCK_PARTITIONS) === partition) return;
    throw new AuthorityRefusedError(
      'authority.place',
      `run ${runId} does not belong in partition ${partition}`,
    );
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => void this.ports.runtime.scheduler.after(ASK_AGAIN_MS, resolve));
  }
}
