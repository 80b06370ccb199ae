import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { isAboutModel, policyActions } from './actions.js';
import { groupsOf } from './author.schema.js';
import type { Problem } from './bundle.document.js';
import { NESTING_MAX } from './cedar-value.js';
import { type ParsedBundle, policySetOf } from './check-bundle.js';
import type { Cedar } from './engine.js';

const CANARY = 'canary';

/**
 * Asks a bundle about everything once, with data as deep as any that policy is asked about. What comes out does not matter: that the
 * engine lives does, and whoever calls hears of a trap.
 */
export function askCanaries(cedar: Cedar, { policies, author }: ParsedBundle): Problem[] {
  const prepared = cedar.preparsePolicySet(CANARY, policySetOf(policies));
  if (prepared.type === 'failure')
    return prepared.errors.map(({ message }) => ({ path: 'policies', message }));
  for (const action of policyActions) {
    const principal = { type: 'Workflow', id: CANARY };
    const resource = { type: isAboutModel(action) ? 'Model' : 'Tool', id: CANARY };
    const uid = { type: 'Action', id: action };
    for (const value of [1, deepest('a')]) {
      const context = { arguments: { a: value }, output: { a: value }, a: value };
      const entities = [{ uid, attrs: {}, parents: groupsOf(action, author) }];
      cedar.statefulIsAuthorized({
        principal,
        action: uid,
        resource,
        context,
        preparsedPolicySetId: CANARY,
        entities,
      });
    }
  }
  return [];
}

function deepest(name: string): CedarValueJson {
  let value: CedarValueJson = 1;
  for (let level = 0; level < NESTING_MAX; level += 1) value = level % 2 === 0 ? [value] : { [name]: value };
  return value;
}
