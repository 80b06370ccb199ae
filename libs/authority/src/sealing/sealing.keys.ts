/*
 * The keys that tokens are sealed to: a pair for each service that verifies commands. The private half never leaves its service;
 * the gateway has the public one. Both files may hold several keys, the newest first: the gateway seals to the first, and what is
 * under way to an earlier one can still be opened.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { errorText, type ServiceName, sha256 } from '@interlock/contracts';
import { z } from 'zod';
import { createSafely, readSafely, replaceSafely, versionAt } from '../keys/safe-file.js';
import { TrustSettingsError } from '../refusal.js';

export const ALGORITHM = 'ECDH-ES';
/** Keys kept, the one in use included. A command is refused a week after it was given, so no key is needed for ever. */
const KEPT_MAX = 5;

const half = { kty: z.literal('OKP'), crv: z.literal('X25519'), kid: z.string(), x: z.string() };
const publicSet = z.strictObject({ keys: z.array(z.strictObject(half)).min(1).max(KEPT_MAX) });
const privateSet = z.strictObject({
  keys: z
    .array(z.strictObject({ ...half, d: z.string() }))
    .min(1)
    .max(KEPT_MAX),
});
type PrivateSet = z.output<typeof privateSet>;

/** A key that can be sealed to. */
export interface SealingKey {
  readonly service: ServiceName;
  readonly kid: string;
  readonly publicKey: KeyObject;
}

const privatePath = (directory: string, service: ServiceName): string =>
  join(directory, `sealing.${service}.json`);
/** The file that the gateway needs from a service: nothing in it is secret. */
export const sealingKeyPath = (directory: string, service: ServiceName): string =>
  join(directory, `sealing.${service}.public.json`);

/** Both halves, for the service that opens sealed tokens. */
export class SealingKeys {
  readonly #path: string;
  #version: string | undefined;
  #keys: ReadonlyMap<string, KeyObject> = new Map();

  private constructor(
    readonly directory: string,
    readonly service: ServiceName,
  ) {
    this.#path = privatePath(directory, service);
  }

  /**
   * The keys of a service in `directory`; made when there are none. Processes that race for them get the same.
   * @throws {UnsafeFileError} others can read or replace them
   * @throws {TrustSettingsError} they cannot be used
   */
  static open(directory: string, service: ServiceName): SealingKeys {
    const keys = new SealingKeys(directory, service);
    if (!keys.#load()) {
      createSafely(keys.#path, textOf({ keys: [newKey()] }));
      keys.#load();
    }
    keys.#publish();
    return keys;
  }

  /** The key with this name; a rotation by another process is seen. */
  privateKey(kid: string): KeyObject | undefined {
    if (!this.#keys.has(kid) && versionAt(this.#path) !== this.#version) this.#load();
    return this.#keys.get(kid);
  }

  /** A new key to seal to. The earlier ones still open. */
  rotate(): void {
    const { keys } = read(this.#path, privateSet);
    replaceSafely(this.#path, textOf({ keys: [newKey(), ...keys].slice(0, KEPT_MAX) }));
    this.#load();
    this.#publish();
  }

  #load(): boolean {
    const found = readSafely(this.#path);
    if (found === undefined) return false;
    const { keys } = parse(this.#path, found.text, privateSet);
    this.#keys = new Map(keys.map((key) => [key.kid, createPrivateKey({ key, format: 'jwk' })]));
    this.#version = found.version;
    return true;
  }

  #publish(): void {
    const { keys } = read(this.#path, privateSet);
    const text = textOf({ keys: keys.map(({ d: _, ...shown }) => shown) });
    const path = sealingKeyPath(this.directory, this.service);
    if (readSafely(path)?.text !== text) replaceSafely(path, text);
  }
}

/** The public halves, for the gateway that seals tokens. */
export class SealingTargets {
  readonly #known = new Map<
    ServiceName,
    { readonly version: string | undefined; readonly key: SealingKey }
  >();

  constructor(readonly directory: string) {}

  /**
   * The key that tokens for `service` are sealed to now.
   * @throws {TrustSettingsError} there is none, or it cannot be used
   */
  keyOf(service: ServiceName): SealingKey {
    const path = sealingKeyPath(this.directory, service);
    const version = versionAt(path);
    const known = this.#known.get(service);
    if (known !== undefined && known.version === version) return known.key;
    const { keys } = read(path, publicSet);
    const [newest] = keys;
    if (newest === undefined) throw unusable(path, 'it holds no key');
    const key = { service, kid: newest.kid, publicKey: createPublicKey({ key: newest, format: 'jwk' }) };
    this.#known.set(service, { version, key });
    return key;
  }
}

function newKey(): PrivateSet['keys'][number] {
  const { x = '', d = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'X25519', kid: sha256(x).slice(0, 16), x, d };
}

const textOf = (set: unknown): string => `${JSON.stringify(set, null, 2)}\n`;

function read<Set>(path: string, schema: z.ZodType<Set>): Set {
  const found = readSafely(path);
  if (found === undefined) throw unusable(path, 'it is not there');
  return parse(path, found.text, schema);
}

function parse<Set>(path: string, text: string, schema: z.ZodType<Set>): Set {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw unusable(path, error instanceof z.ZodError ? z.prettifyError(error) : errorText(error));
  }
}

const unusable = (path: string, why: string): TrustSettingsError =>
  new TrustSettingsError(
    `INTERLOCK_KEYS_DIR: ${path} cannot be used: ${why}. The service it is named after makes it at its start; copy it from the folder of its keys`,
  );
