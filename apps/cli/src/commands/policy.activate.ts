import { plain } from '@interlock/contracts';
import type { Activation, ActivePolicy } from '@interlock/contracts/http';
import { z } from 'zod';
import { type CliServices, defineCliCommand, type ExitCode, exitCodes, UsageError } from '../command.js';
import { reason } from '../reason.option.js';
import { activePolicy, pendingActivations } from './policy.list.js';

const options = z.object({ reason });
const hashArgument = ['hash', 'of the bundle, as policy list shows it'] as const;

export const policyActivate = defineCliCommand({
  name: 'policy activate',
  summary:
    'Put a published policy bundle into force, or agree to that as the second person where two are needed.',
  arguments: [hashArgument],
  options,
  example: 'policy activate HASH --reason "read it with Bob"',

  async run({ reason }, [given = ''], services) {
    const hash = hashOf(given);
    const waiting = (await pendingActivations(services.client)).find((one) => one.hash === hash);
    if (waiting !== undefined) return vote(waiting, 'approve', reason, services);
    const before = await activePolicy(services.client);
    const { body } = await services.client.command<Activation>('/v1/policy/activations', { hash, reason });
    return tell(body, services, before);
  },
});

export const policyDeny = defineCliCommand({
  name: 'policy deny',
  summary: 'Say no to a policy bundle that waits for a second person.',
  arguments: [hashArgument],
  options,
  example: 'policy deny HASH --reason "permits too much"',

  async run({ reason }, [given = ''], services) {
    const hash = hashOf(given);
    const waiting = (await pendingActivations(services.client)).find((one) => one.hash === hash);
    if (waiting === undefined) throw new UsageError('No activation of this bundle waits for anybody.');
    return vote(waiting, 'deny', reason, services);
  },
});

function hashOf(given: string): string {
  if (/^[0-9a-f]{64}$/.test(given)) return given;
  throw new UsageError(
    `${plain(given)} is not the hash of a bundle, which has 64 hexadecimal digits: ./interlock policy list`,
  );
}

/** The vote names the bundle, so nobody agrees to one that they have not read. */
async function vote(
  { activationId, hash }: Activation,
  answer: 'approve' | 'deny',
  reason: string,
  services: CliServices,
): Promise<ExitCode> {
  const path = `/v1/policy/activations/${encodeURIComponent(activationId)}/votes`;
  const { body } = await services.client.command<Activation>(path, { vote: answer, hash, reason });
  return tell(body, services);
}

/** @param before what was in force: one bundle is at a time, so its permits are gone */
function tell(activation: Activation, { output }: CliServices, before?: ActivePolicy): ExitCode {
  const { status, hash, approvedBy, needed, until } = activation;
  output.json(activation);
  if (status === 'active') {
    output.line(plain(`Bundle ${hash} is in force, activated by ${approvedBy.join(' and ')}.`));
    if (before !== undefined && before.hash !== hash)
      output.line(plain(`${before.name}@${before.version} is not in force any more: only one bundle is.`));
  } else if (status === 'pending') {
    output.line(`Recorded. ${approvedBy.length} of ${needed} people have agreed; nothing has changed yet.`);
    output.line(
      `Another person agrees, until ${until}: ${output.next(`policy activate ${hash} --reason "..."`)}`,
    );
  } else output.line(`The activation is ${status}.`);
  return exitCodes.done;
}
