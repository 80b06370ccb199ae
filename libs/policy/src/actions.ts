import type { EntityUidJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** What policy is asked about. Each is an `Action` of that id. */
export const policyActions = ['tool.call', 'tool.result', 'model.call', 'model.output'] as const;
export type PolicyAction = (typeof policyActions)[number];

/** A request to a model, and its proposal. Neither can be approved by people: they approve the calls that it proposes. */
export const isAboutModel = (action: string): boolean => action === 'model.call' || action === 'model.output';

/** Ids of the actions that the scope of a policy names; undefined: it may apply to any. */
export function actionsNamed(policy: PolicyJson): readonly string[] | undefined {
  const named = actionsInScope(policy);
  return named?.every(({ type }) => type === 'Action') ? named.map(({ id }) => id) : undefined;
}

function actionsInScope({ action }: PolicyJson) {
  if (!('op' in action) || action.op === 'All' || 'slot' in action) return undefined;
  return ('entities' in action ? action.entities : [action.entity]).map(typeAndId);
}

/** False only for a policy whose scope names other actions, and no group of this one. */
export function mayApply(
  policy: PolicyJson,
  asked: PolicyAction,
  groups: readonly EntityUidJson[] = [],
): boolean {
  const named = actionsInScope(policy);
  if (named === undefined) return true;
  const own = [{ type: 'Action', id: asked }, ...groups.map(typeAndId)];
  return named.some(({ type, id }) => own.some((one) => one.type === type && one.id === id));
}

export const typeAndId = (uid: EntityUidJson) => ('__entity' in uid ? uid.__entity : uid);
