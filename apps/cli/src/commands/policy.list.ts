import type { Activation, ActivationList, ActivePolicy, Artifact } from '@interlock/contracts/http';
import { z } from 'zod';
import { type Client, RefusedError } from '../client.js';
import { defineCliCommand, exitCodes } from '../command.js';
import { everyItem } from '../every.item.js';

export const policyList = defineCliCommand({
  name: 'policy list',
  summary: 'List the policy bundles: which one is in force, and which ones wait for a second person.',
  arguments: [],
  options: z.object({}),
  example: 'policy list',

  async run(_options, _positional, { client, output }) {
    const [active, items, activations] = await Promise.all([
      activePolicy(client),
      bundles(client),
      pendingActivations(client),
    ]);
    output.json({ ...(active !== undefined && { active }), items, pending: activations });
    if (items.length === 0) output.line('No policy bundle is published.');
    for (const { name, version, hash, publishedBy } of items) {
      // A hash is for copying, so it has a line of its own.
      output.sentence(
        `${name}@${version}, published by ${publishedBy}${standing(hash, active, activations)}`,
      );
      output.line(`  ${hash}`);
    }
    if (active === undefined) output.line('No bundle is in force, so everything is denied.');
    output.line(`Put one into force: ${output.next('policy activate HASH --reason "..."')}`);
    return exitCodes.done;
  },
});

function standing(hash: string, active: ActivePolicy | undefined, pending: readonly Activation[]): string {
  if (active?.hash === hash) return `; in force, activated by ${active.approvedBy.join(' and ')}`;
  const waiting = pending.find((one) => one.hash === hash);
  return waiting === undefined
    ? ''
    : `; pending: ${waiting.by} wants it in force, another person has to agree`;
}

/** Undefined before the first activation. */
export async function activePolicy(client: Client): Promise<ActivePolicy | undefined> {
  try {
    return (await client.get<ActivePolicy>('/v1/policy/active')).body;
  } catch (error) {
    if (error instanceof RefusedError && error.problem.status === 404) return undefined;
    throw error;
  }
}

export async function pendingActivations(client: Client): Promise<Activation[]> {
  const { body } = await client.get<ActivationList>('/v1/policy/activations');
  return body.items.filter(({ status }) => status === 'pending');
}

const bundles = (client: Client): Promise<Artifact[]> =>
  everyItem(client, '/v1/artifacts', { kind: 'policy', limit: '500' });
