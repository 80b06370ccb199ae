import {
  type Activation,
  ActivationVoted,
  type ArtifactEvent,
  personOf,
  type VoteOnActivation,
} from '@interlock/contracts';
import type { z } from 'zod';
import { isAdmin } from '../authors.js';
import type { RegistryState } from '../registry.state.js';
import { activated, closed, refused } from './activation.events.js';

/** A second person agrees, or anybody who may activate says no. */
export function voteOnActivation(
  command: z.output<typeof VoteOnActivation.schema>,
  { policy }: RegistryState,
  now: number,
): ArtifactEvent[] {
  const { activationId, by, commandId, vote, reason, hash } = command;
  const activation = policy.activations.find((one) => one.activationId === activationId);
  const no = (code: Parameters<typeof refused>[1], message: string) =>
    refused(command, code, message, now, activationId);
  const before = policy.refused.find((one) => one.commandId === commandId);
  if (before !== undefined) return no(before.code, before.message);
  if (!isAdmin(by)) return no('forbidden', 'Voting on an activation needs the role admin.');
  if (activation === undefined) return no('unknown_activation', `There is no activation ${activationId}.`);
  if (activation.hash !== hash)
    return no('other_hash', `Activation ${activationId} is about another bundle: ${activation.hash}.`);
  const { status } = activation;
  if (status !== 'pending') return no('closed', `Activation ${activationId} is settled: ${status}.`);
  if (vote === 'approve' && hasAgreed(activation, by.sub))
    return no('voted', 'You have agreed already: another person has to agree too.');
  const voted = ActivationVoted({ activationId, commandId, by, vote, reason, at: now });
  if (vote === 'deny') return [voted, closed(activation, 'denied', now)];
  const approvedBy = [...agreed(activation).map((one) => one.by), by];
  if (approvedBy.length < activation.needed) return [voted];
  const bundle = { activationId, commandId, hash, by: activation.by, approvedBy, at: now };
  return [voted, ...activated(policy, { ...bundle, because: 'two_people' })];
}

const agreed = ({ votes }: Activation) => votes.filter(({ vote }) => vote === 'approve');

const hasAgreed = (activation: Activation, sub: string): boolean =>
  agreed(activation).some(({ by }) => personOf(by.sub) === personOf(sub));

/** Nobody has agreed in time. */
export const expire = ({ policy }: RegistryState, now: number): ArtifactEvent[] =>
  policy.activations
    .filter(({ status, until }) => status === 'pending' && until <= now)
    .map((one) => closed(one, 'expired', now));

/** When the next activation runs out, UTC ms. */
export function nextExpiry({ policy }: RegistryState): number | undefined {
  const untils = policy.activations.filter(({ status }) => status === 'pending').map(({ until }) => until);
  return untils.length === 0 ? undefined : Math.min(...untils);
}
