import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { hashOf } from '@interlock/contracts';
import { type BundleDocument, bundleDocument } from './bundle.document.js';

/**
 * Whether a bundle is another one and forbids more: it has every policy of that one, word for word, and nothing besides but forbids.
 * Whatever it denies then, it allows nothing that was denied before.
 */
export function isStricter(candidate: unknown, than: unknown): boolean {
  const more = bundleDocument.safeParse(candidate);
  const less = bundleDocument.safeParse(than);
  if (!more.success || !less.success) return false;
  if (hashOf(withoutPolicies(more.data)) !== hashOf(withoutPolicies(less.data))) return false;
  const kept = new Map(less.data.policies.map(({ id, text }) => [id, text]));
  const added = more.data.policies.filter(({ id, text }) => kept.get(id) !== text);
  const isWhole = more.data.policies.length - added.length === kept.size;
  return isWhole && added.every(({ id, text }) => !kept.has(id) && isForbid(text));
}

const withoutPolicies = ({ policies, ...others }: BundleDocument) => others;

function isForbid(text: string): boolean {
  const parsed = policyToJson(text);
  return parsed.type === 'success' && parsed.json.effect === 'forbid';
}
