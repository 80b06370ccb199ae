import type { EntityUidJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** What policy is asked about. Each is an `Action` of that id. */
export const policyActions = ['tool.call', 'tool.result', 'model.call', 'model.output'] as const;
export type PolicyAction = (typeof policyActions)[number];

/** What is asked of a model, and what it proposes. Nobody approves either: what a model does are calls, and those are approved. */
export const isAboutModel = (action: string): boolean => action === 'model.call' || action === 'model.output';

/** Ids of the actions that the scope of a policy names; undefined: it may apply to any. */
export function actionsNamed({ action }: PolicyJson): readonly string[] | undefined {
  if (!('op' in action) || action.op === 'All' || 'slot' in action) return undefined;
  const named = 'entities' in action ? action.entities : [action.entity];
  const uids = named.map(typeAndId);
  return uids.every(({ type }) => type === 'Action') ? uids.map(({ id }) => id) : undefined;
}

/** False only for a policy whose scope names other actions. */
export const mayApply = (policy: PolicyJson, asked: PolicyAction): boolean =>
  actionsNamed(policy)?.includes(asked) ?? true;

export const typeAndId = (uid: EntityUidJson) => ('__entity' in uid ? uid.__entity : uid);
