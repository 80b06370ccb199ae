export * from './check.actor.js';
export * from './policy.module.js';
export type { PublishedArtifacts } from './published-tools.js';
export { NO_BUNDLE, type Verdict, Verdicts } from './verdicts.js';
