export { type PolicyAction, policyActions } from './actions.js';
export type { BundleDocument, Problem } from './bundle.document.js';
export * from './bundle.js';
export { cedarDecimal, cedarRecord, cedarValue, NESTING_MAX, nestingOf } from './cedar-value.js';
export { checkBundle } from './check-bundle.js';
export { atLeast, type Floor } from './required.js';
export { isStricter } from './stricter.js';
