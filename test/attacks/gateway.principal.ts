import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { type Credential, SealingTargets, sealAuthority } from '@interlock/authority';
import { partitionOf, type StoredRecord } from '@interlock/broker';
import {
  ActivatePolicy,
  approvalCommands,
  approvalEvents,
  artifactCommands,
  artifactEvents,
  CancelRun,
  CastVote,
  PublishArtifact,
  quarantineOf,
  runCommands,
  runEvents,
  type ServiceName,
  StartRun,
  type TopicSpec,
} from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import { hashOfRecord, open, partsOf, plainRecord } from '@interlock/log';
import { AUTHORITY_HEADER } from '@interlock/service';
import { SignJWT } from 'jose';
import { ForeignProducer } from '../chaos/kafka/foreign.producer.ts';
import type { KafkaSystem } from '../chaos/kafka/kafka.system.ts';
import { eventually } from '../e2e/eventually.ts';
import type { StoredLog } from '../e2e/stored.log.ts';
import { tokenOf, unsignedToken } from '../e2e/tokens.ts';

const PARTITIONS = 4;

/** What a command can say, and to whom. */
export const kinds = ['start', 'cancel', 'vote', 'publication'] as const;
export type Kind = (typeof kinds)[number] | 'activation';

interface Place {
  readonly service: ServiceName;
  readonly topic: TopicSpec;
}
const places: Readonly<Record<Kind, Place>> = {
  start: { service: 'orchestrator', topic: runCommands },
  cancel: { service: 'orchestrator', topic: runCommands },
  vote: { service: 'approval', topic: approvalCommands },
  publication: { service: 'registry', topic: artifactCommands },
  activation: { service: 'registry', topic: artifactCommands },
};

/** How a command is made to look as if somebody had given it. */
export const disguises = [
  'a name and nothing else',
  'a token in clear',
  'bytes that are no token',
  'a token signed by the forger',
  'a token that needs no signature',
  'a token with altered claims',
  'a token that has expired, under an earlier timestamp',
  'a token sealed for another service',
  'the sealed token of another command',
  'a sealed token under other bytes',
] as const;
export type Disguise = (typeof disguises)[number];

/** What the forger has seen: an approval that waits, and the commands that led to it. */
export interface Victim {
  readonly approval: Approval;
  readonly callHash: string;
  /** As they lie on their topics. */
  readonly seen: Readonly<Record<'orchestrator' | 'approval' | 'registry', StoredRecord>>;
  readonly start: Readonly<Record<string, unknown>>;
  /** Hash of a bundle that is published. */
  readonly bundle: string;
}

export interface Forgery {
  readonly kind: Kind;
  readonly commandId: string;
  readonly partition: number;
  readonly record: Omit<StoredRecord, 'offset'>;
  /** What the producer says when it was, UTC ms. */
  readonly timestamp?: number;
}

const stranger = generateKeyPairSync('ed25519').privateKey;
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Somebody with every right of the gateway on its topics, and the keys that it seals to. */
export class GatewayPrincipal {
  readonly #targets: SealingTargets;
  readonly forged = new Set<string>();
  sent = 0;

  constructor(
    readonly system: KafkaSystem,
    readonly keys: string,
    readonly victim: Victim,
  ) {
    this.#targets = new SealingTargets(keys);
  }

  /** A command of this kind in somebody's name, without anything that would prove it. */
  bare(kind: Kind, by: object = { sub: 'ceo', roles: ['finance', 'operator', 'admin'] }): Forgery {
    const runId = kind === 'start' ? randomUUID() : this.victim.approval.runId;
    const commandId = `forged-${randomUUID()}`;
    this.forged.add(commandId);
    const common = { commandId, by, issuedAt: Date.now() };
    const { wire, key, data } = this.#message(kind, runId, common);
    const record = plainRecord(key, wire, { id: commandId, run: runId, time: Date.now() }, data);
    return {
      kind,
      commandId,
      partition: places[kind].topic.scope === 'global' ? 0 : partitionOf(runId, PARTITIONS),
      record,
    };
  }

  #message(kind: Kind, runId: string, common: Readonly<Record<string, unknown>>) {
    const { approvalId } = this.victim.approval;
    switch (kind) {
      case 'start':
        return { wire: StartRun.wire, key: runId, data: { ...this.victim.start, ...common, runId } };
      case 'cancel':
        return {
          wire: CancelRun.wire,
          key: runId,
          data: { ...common, runId, reason: 'gone', rollback: false },
        };
      case 'vote': {
        const said = { vote: 'approve', callHash: this.victim.callHash, reason: 'fine' };
        return { wire: CastVote.wire, key: runId, data: { ...common, runId, approvalId, ...said } };
      }
      case 'activation':
        return {
          wire: ActivatePolicy.wire,
          key: 'policy',
          data: { ...common, hash: this.victim.bundle, reason: 'better' },
        };
      case 'publication': {
        const document = { policies: [{ id: 'all', text: 'permit(principal, action, resource);' }] };
        const artifact = { kind: 'policy', name: `forged-${randomUUID()}`, version: 1, document };
        return { wire: PublishArtifact.wire, key: 'policy/forged', data: { ...common, ...artifact } };
      }
    }
  }

  /** The command with a credential, sealed as the gateway would. */
  async sealed(forgery: Forgery, credential: Credential, to?: ServiceName): Promise<Forgery> {
    const { service } = places[forgery.kind];
    const hash = hashOfRecord(forgery.record).toString('hex');
    return this.#with(forgery, await sealAuthority(credential, this.#targets.keyOf(to ?? service), hash));
  }

  #with(forgery: Forgery, header: string | Uint8Array): Forgery {
    const { record } = forgery;
    const headers = { ...record.headers, [AUTHORITY_HEADER]: Buffer.from(header) };
    return { ...forgery, record: { ...record, headers } };
  }

  async disguised(kind: Kind, disguise: Disguise): Promise<Forgery> {
    const bare = this.bare(kind);
    const who = { sub: 'ceo', roles: ['finance', 'operator', 'admin'] };
    switch (disguise) {
      case 'a name and nothing else':
        return bare;
      case 'a token in clear':
        return this.#with(bare, await tokenOf(this.keys, { ...who, lifeS: -60 }));
      case 'bytes that are no token':
        return this.#with(bare, `${randomUUID()}.${randomUUID()}..a.b`);
      case 'a token signed by the forger':
        return this.sealed(bare, { token: await this.#selfMade(who) });
      case 'a token that needs no signature':
        return this.sealed(bare, { token: unsignedToken(who) });
      case 'a token with altered claims':
        return this.sealed(bare, { token: await this.#altered(who) });
      case 'a token that has expired, under an earlier timestamp': {
        const token = await tokenOf(this.keys, { ...who, lifeS: -60 });
        return { ...(await this.sealed(bare, { token })), timestamp: Date.now() - 90_000 };
      }
      case 'a token sealed for another service': {
        const token = await tokenOf(this.keys, who);
        return this.sealed(bare, { token }, kind === 'vote' ? 'registry' : 'approval');
      }
      case 'the sealed token of another command':
        return this.#with(bare, this.#seen(kind).headers[AUTHORITY_HEADER] ?? Buffer.alloc(0));
      case 'a sealed token under other bytes': {
        const { key, headers } = this.#seen(kind);
        const { t } = bare.record.headers;
        return {
          ...bare,
          record: { key, headers: { ...headers, ...(t && { t }) }, value: bare.record.value },
        };
      }
    }
  }

  #seen(kind: Kind): StoredRecord {
    return this.victim.seen[places[kind].service as keyof Victim['seen']];
  }

  async #selfMade(who: { sub: string; roles: readonly string[] }): Promise<string> {
    const real = await tokenOf(this.keys, who);
    const { kid } = JSON.parse(Buffer.from(real.split('.')[0] ?? '', 'base64url').toString('utf8'));
    return new SignJWT({ ...who, iss: 'interlock', aud: 'interlock' })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid })
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(stranger);
  }

  async #altered(who: { sub: string; roles: readonly string[] }): Promise<string> {
    const [header, claims = '', signature] = (await tokenOf(this.keys, { sub: 'nobody', roles: [] })).split(
      '.',
    );
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    return [header, base64url({ ...said, ...who }), signature].join('.');
  }

  async send(forgeries: readonly Forgery[]): Promise<void> {
    const producer = await ForeignProducer.connect(this.system.kafka.brokers);
    for (const { kind, partition, record, timestamp } of forgeries) {
      const { key, value, headers } = record;
      const foreign = {
        key: Buffer.from(key),
        value: value && Buffer.from(value),
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes)]),
        ),
        partition,
        ...(timestamp !== undefined && { timestamp: String(timestamp) }),
      };
      await producer.send(places[kind].topic.name, [foreign]);
      this.sent += 1;
    }
    await producer.close();
  }

  /** Codes under which forgeries were put aside, once `count` of them were. */
  async putAside(count: number): Promise<Readonly<Record<string, number>>> {
    let found: string[] = [];
    await eventually(
      `${count} forgeries to be put aside`,
      async () => {
        found = asideIn(await this.system.recorder.complete());
        return found.length >= count;
      },
      90_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: ${found.length}`);
    });
    return Object.fromEntries(
      [...Map.groupBy(found, (code) => code)].map(([code, all]) => [code, all.length]),
    );
  }

  /** Forged commands that led to anything but a refusal, by the type of what followed. */
  async accepted(): Promise<Readonly<Record<string, number>>> {
    const log = await this.system.recorder.complete();
    const types = [runEvents, approvalEvents, artifactEvents]
      .flatMap(({ name }) => (log.get(name) ?? []).flat())
      .flatMap((record) => {
        const opened = open(record);
        if (opened === undefined) return [];
        return partsOf(opened, record.value).flatMap(({ wire, data }) => {
          const { commandId } = data as { commandId?: string };
          return this.forged.has(String(commandId)) && !/refused/.test(wire)
            ? [wire.replace(/\/\d+$/, '')]
            : [];
        });
      });
    return Object.fromEntries(
      [...Map.groupBy(types, (type) => type)].map(([type, all]) => [type, all.length]),
    );
  }
}

function asideIn(log: StoredLog): string[] {
  return (['orchestrator', 'approval', 'registry'] as const)
    .flatMap((service) => (log.get(quarantineOf(service).name) ?? []).flat())
    .map((record) => String(dataOf(record).code));
}

export function dataOf({ value }: StoredRecord): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(value ?? []).toString('utf8'));
  } catch {
    return {};
  }
}

/** The last record of `topic` that says `type`, of the command with this id if one is named. */
export function lastOn(
  log: StoredLog,
  { name }: Pick<TopicSpec, 'name'>,
  type: string,
  commandId?: string,
): StoredRecord {
  const found = (log.get(name) ?? [])
    .flat()
    .findLast(
      (record) =>
        open(record)?.wires[0]?.startsWith(`${type}/`) === true &&
        (commandId === undefined || dataOf(record).commandId === commandId),
    );
  if (found === undefined) throw new Error(`${name} holds no ${type}`);
  return found;
}
