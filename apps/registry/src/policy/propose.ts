import {
  type ArtifactEvent,
  isModule,
  type PolicyInForce,
  PolicyProposed,
  type ProposePolicy,
} from '@interlock/contracts';
import type { z } from 'zod';
import { findBundle } from '../catalogue.js';
import type { RegistrySettings, RegistryState } from '../registry.state.js';
import { activationIdOf } from './activate.js';
import { activated, refused } from './activation.events.js';

/**
 * A module says what its policies are now. In development that comes into force by itself, when the module's own text has changed since it
 * last said so, and never over a bundle that a person has put into force.
 */
export function propose(
  command: z.output<typeof ProposePolicy.schema>,
  { catalogue, policy }: RegistryState,
  { mode }: Pick<RegistrySettings, 'mode'>,
  now: number,
): ArtifactEvent[] {
  const { commandId, by, hash } = command;
  if (mode !== 'development' || !isModule(by))
    return refused(command, 'forbidden', 'Bundles are proposed by modules, in development only.', now);
  if (findBundle(catalogue, hash) === undefined)
    return refused(command, 'unknown_bundle', `No policy bundle with the hash ${hash} is published.`, now);
  const activates = isModulesTurn(policy) && policy.proposed[by.sub] !== hash && policy.active?.hash !== hash;
  const proposed = PolicyProposed({ commandId, by, hash, activates, at: now });
  if (!activates) return [proposed];
  const activationId = activationIdOf(commandId);
  const bundle = { activationId, commandId, hash, by, approvedBy: [by], because: 'module' as const, at: now };
  return [proposed, ...activated(policy, bundle)];
}

/** Nobody but modules has ever put the bundle in force there. */
const isModulesTurn = ({ active }: PolicyInForce): boolean =>
  active === undefined || active.because === 'module';
