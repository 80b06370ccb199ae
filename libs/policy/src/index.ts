export type { BundleDocument, Problem } from './bundle.document.js';
export * from './bundle.js';
export { cedarRecord, cedarValue, NESTING_MAX, nestingOf } from './cedar-value.js';
export { checkBundle } from './check-bundle.js';
