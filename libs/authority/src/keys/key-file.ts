import type { KeyObject } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeOf } from '@interlock/contracts';
import type { KeySet } from '@interlock/contracts/http';
import { z } from 'zod';
import { dOf, type KeyPair, keyIdOf, keyPairOf, newKeyPair, publicKeyOf, xOf } from './key-pair.js';
import { keySetOf } from './key-set.js';
import { createSafely, readSafely, replaceSafely, versionAt } from './safe-file.js';

const stored = z.strictObject({
  version: z.literal(1),
  /** The key that signs. Only it keeps its private part. */
  current: z.strictObject({ keyId: z.string(), x: z.string(), d: z.string() }),
  /** Those that signed before it, newest first. */
  former: z.array(z.strictObject({ keyId: z.string(), x: z.string() })),
});
type Stored = z.output<typeof stored>;

/** The file is there and safe, but it holds no keys that can be used. */
export class BrokenKeyFileError extends Error {
  readonly code = 'keys.broken' satisfies CodeOf<'fault'>;

  constructor(path: string, why: string) {
    super(`${path} holds no usable keys: ${why}. Put it back from a copy; moving it away makes a new key`);
    this.name = 'BrokenKeyFileError';
  }
}

/** Somebody else is rotating, or died while doing so. */
export class RotationUnderWayError extends Error {
  readonly code = 'keys.rotating' satisfies CodeOf<'fault'>;

  constructor(lock: string) {
    super(`another rotation holds ${lock}. If none is running, delete that file and try again`);
    this.name = 'RotationUnderWayError';
  }
}

interface KeysSettings {
  readonly INTERLOCK_KEYS_DIR?: string | undefined;
  readonly INTERLOCK_DATA_DIR?: string | undefined;
}

/** The one folder in which the services of an installation, and its command line, find its keys. */
export const keysDirectoryOf = ({ INTERLOCK_KEYS_DIR, INTERLOCK_DATA_DIR }: KeysSettings): string =>
  INTERLOCK_KEYS_DIR || join(INTERLOCK_DATA_DIR || '.interlock', 'keys');

/** The key that exports are signed with. */
export const evidenceKeyPath = (keysDirectory: string): string => join(keysDirectory, 'evidence.json');

/** The key that a development installation signs its tokens with. */
export const tokenKeyPath = (keysDirectory: string): string => join(keysDirectory, 'tokens.json');

/**
 * A file with the Ed25519 key that signs and the public keys of all that signed before it. Mode 0600, in a directory
 * of mode 0700. Every call sees a rotation that another process made.
 */
export class KeyFile {
  #version: string | undefined;
  #current!: KeyPair;
  #publicKeys!: ReadonlyMap<string, KeyObject>;

  private constructor(readonly path: string) {}

  /**
   * Opens the file, or makes it with a new key. Processes that race for it get the same key.
   * @throws {UnsafeFileError} others can read or replace it
   * @throws {BrokenKeyFileError}
   */
  static open(path: string): KeyFile {
    const opened = KeyFile.find(path);
    if (opened !== undefined) return opened;
    createSafely(path, textOf({ current: newKeyPair(), former: [] }));
    const made = KeyFile.find(path);
    if (made === undefined) throw new BrokenKeyFileError(path, 'it is gone right after it was made');
    return made;
  }

  /** Opens the file if there is one; as `open` otherwise. */
  static find(path: string): KeyFile | undefined {
    const file = new KeyFile(path);
    return file.#load() ? file : undefined;
  }

  /** The key that signs now. */
  get current(): KeyPair {
    this.#refresh();
    return this.#current;
  }

  /** Every key that ever signed, by id; the current one first. */
  get publicKeys(): ReadonlyMap<string, KeyObject> {
    this.#refresh();
    return this.#publicKeys;
  }

  /** What others may know: the public keys as JWKs, and which one signs. */
  keySet(): KeySet {
    this.#refresh();
    return keySetOf(this.#current.keyId, this.#publicKeys);
  }

  /**
   * Makes a new key the current one. The private part of the old one is destroyed; its public part stays, so what it
   * signed can still be checked.
   * @throws {RotationUnderWayError}
   */
  rotate(): KeyPair {
    const lock = `${this.path}.rotating`;
    if (!createSafely(lock, '')) throw new RotationUnderWayError(lock);
    try {
      this.#load();
      const former = [...this.#publicKeys].map(([keyId, key]) => ({ keyId, x: xOf(key) }));
      replaceSafely(this.path, textOf({ current: newKeyPair(), former }));
    } finally {
      rmSync(lock, { force: true });
    }
    return this.current;
  }

  #refresh(): void {
    if (versionAt(this.path) !== this.#version) this.#load();
  }

  /** A file that has gone missing while it was open changes nothing: the keys are still known. */
  #load(): boolean {
    const found = readSafely(this.path);
    if (found === undefined) return false;
    const { current, former } = parse(this.path, found.text);
    this.#current = current;
    this.#publicKeys = new Map([[current.keyId, current.publicKey], ...former]);
    this.#version = found.version;
    return true;
  }
}

function textOf({ current, former }: { current: KeyPair; former: Stored['former'] }): string {
  const { keyId, publicKey, privateKey } = current;
  const file: Stored = { version: 1, current: { keyId, x: xOf(publicKey), d: dOf(privateKey) }, former };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function parse(path: string, text: string): { current: KeyPair; former: [string, KeyObject][] } {
  try {
    const { current, former } = stored.parse(JSON.parse(text));
    const pair = keyPairOf(current.x, current.d);
    const named: [string, KeyObject][] = former.map(({ keyId, x }) => [keyId, publicKeyOf(x)]);
    for (const [keyId, key] of [[current.keyId, pair.publicKey] as const, ...named]) {
      if (keyId !== keyIdOf(key)) throw new Error(`the key called ${keyId} is ${keyIdOf(key)}`);
    }
    return { current: pair, former: named };
  } catch (error) {
    throw new BrokenKeyFileError(path, reasonOf(error));
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof z.ZodError
    ? z.prettifyError(error)
    : error instanceof Error
      ? error.message
      : String(error);
