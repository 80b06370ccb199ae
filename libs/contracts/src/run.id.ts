import { hash } from 'node:crypto';
import type { Identity } from './run.commands.js';
import { isDerivedRunId } from './run.id.form.js';

type Caller = Pick<Identity, 'sub' | 'tenant'>;

/**
 * The run that a key of this caller names, on every gateway: UUIDv8 of sha256(tenant, sub, key).
 * Lengths stand in front of the parts, so no two callers can name the same one.
 */
export function runIdOfKey({ tenant = '', sub }: Caller, key: string): string {
  const parts = [tenant, sub, key].map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return uuidV8(hash('sha256', parts, 'buffer'));
}

/** An id for a command that repeats under the same key. */
export const commandIdOfKey = (caller: Caller, runId: string, key: string): string =>
  `${runId}/${runIdOfKey(caller, `${runId}/${key}`)}`;

/**
 * Whether a start may have the id it names: the one that its caller's key derives, or one of another form without a key. Who derives
 * an id from somebody else's name and key cannot start the run before them.
 */
export const ownsRunId = (start: {
  readonly runId: string;
  readonly by: Caller;
  readonly key?: string | undefined;
}) =>
  start.key === undefined ? !isDerivedRunId(start.runId) : start.runId === runIdOfKey(start.by, start.key);

/** The run that a step starts: only the run above can name it, as keys of people derive no such id. */
export function runIdOfChild(parent: string, step: string, generation: number): string {
  const parts = ['child', parent, step, String(generation)];
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return uuidV8(hash('sha256', `/${text}`, 'buffer'));
}

/** The salt of a child: as little known as that of the run above it. */
export const saltOfChild = (salt: string, runId: string): string =>
  hash('sha256', `${salt}/${runId}`, 'base64url').slice(0, 22);

function uuidV8(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
