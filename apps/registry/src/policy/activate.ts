import {
  type ActivatePolicy,
  ActivationOpened,
  type ArtifactEvent,
  type BundleInForce,
  hashOf,
  type PublishedArtifact,
} from '@interlock/contracts';
import { isStricter } from '@interlock/policy';
import type { z } from 'zod';
import { isAdmin } from '../authors.js';
import { findBundle } from '../catalogue.js';
import type { RegistrySettings, RegistryState } from '../registry.state.js';
import { activated, refused } from './activation.events.js';

/** How long people have to agree, ms. */
const PENDING_MS = 86_400_000;
const PENDING_MAX = 16;

/** The client chooses the command’s id, and whoever repeats the command means the same activation. */
export const activationIdOf = (commandId: string): string => hashOf({ activation: commandId }).slice(0, 24);

/** Somebody wants a published bundle in force: at once where one person is enough, else once a second one agrees. */
export function activate(
  command: z.output<typeof ActivatePolicy.schema>,
  { catalogue, policy }: RegistryState,
  settings: RegistrySettings,
  now: number,
): ArtifactEvent[] {
  const { commandId, by, hash, reason } = command;
  const activationId = activationIdOf(commandId);
  if (policy.activations.some((one) => one.activationId === activationId)) return [];
  const before = policy.refused.find((one) => one.commandId === commandId);
  if (before !== undefined) return refused(command, before.code, before.message, now);
  if (!isAdmin(by)) return refused(command, 'forbidden', 'Activating a bundle needs the role admin.', now);
  const bundle = findBundle(catalogue, hash);
  if (bundle === undefined)
    return refused(command, 'unknown_bundle', `No policy bundle with the hash ${hash} is published.`, now);
  if (policy.active?.hash === hash)
    return refused(command, 'already_active', 'This bundle is in force already.', now);
  const pending = policy.activations.filter(({ status }) => status === 'pending');
  const same = pending.find((one) => one.hash === hash);
  if (same !== undefined)
    return refused(
      command,
      'pending',
      `Activation ${same.activationId} of this bundle waits for a second person: vote on it.`,
      now,
      same.activationId,
    );
  if (pending.length >= PENDING_MAX)
    return refused(command, 'too_many', `${PENDING_MAX} activations wait for a second person already.`, now);
  const because = groundsOf(bundle, { catalogue, policy }, settings);
  const needed = because === 'two_people' ? 2 : 1;
  const from = policy.active && { from: policy.active.hash };
  const asked = { activationId, commandId, hash, by, at: now };
  const opened = ActivationOpened({ ...asked, ...from, reason, needed, until: now + PENDING_MS });
  if (needed === 2) return [opened];
  return [opened, ...activated(policy, { ...asked, approvedBy: [by], because })];
}

/** Why one person is enough, or that two are needed. In an emergency, going back and forbidding more must be quick. */
function groundsOf(
  bundle: PublishedArtifact,
  { catalogue, policy }: RegistryState,
  { mode }: Pick<RegistrySettings, 'mode'>,
): BundleInForce['because'] {
  if (policy.earlier.includes(bundle.hash)) return 'rollback';
  const active = policy.active && findBundle(catalogue, policy.active.hash);
  if (active !== undefined && isStricter(bundle.document, active.document)) return 'stricter';
  return mode === 'development' ? 'development' : 'two_people';
}
