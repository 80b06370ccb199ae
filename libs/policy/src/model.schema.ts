import { policyToJson, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { actionsNamed, isAboutModel } from './actions.js';
import type { BundleDocument } from './bundle.document.js';

/**
 * Cedar schema of what policies see of a model. The context of a call is what its tool takes, so only a bundle's author can
 * describe that; what is said of a model is the same everywhere, and a misspelt name in such a policy is an error.
 */
export const modelSchema = `
entity Workflow = { version: Long, requester: String, requesterRoles: Set<String>, tenant?: String };
entity Model = { provider: String, name: String };
action "model.call" appliesTo { principal: Workflow, resource: Model, context: {
  model: String, provider: String, purpose: String, round: Long,
  tokens: Long, costUsd: decimal, tools: Set<String>, findings: Set<String>
} };
action "model.output" appliesTo { principal: Workflow, resource: Model, context: {
  model: String, provider: String, purpose: String, round: Long,
  confidence: decimal, calls: Set<String>, hasOutput: Bool, findings: Set<String>
} };
`;

type Policy = BundleDocument['policies'][number];

/** What does not fit in the policies that speak of models alone. */
export function misfitsOfModels(policies: readonly Policy[]) {
  const staticPolicies = Object.fromEntries(
    policies.filter(speaksOfModelsAlone).map(({ id, text }) => [id, text]),
  );
  const answer = validate({ schema: modelSchema, policies: { staticPolicies } });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  return answer.validationErrors;
}

function speaksOfModelsAlone({ text }: Policy): boolean {
  const parsed = policyToJson(text);
  const named = parsed.type === 'success' ? actionsNamed(parsed.json) : undefined;
  return named !== undefined && named.length > 0 && named.every(isAboutModel);
}
