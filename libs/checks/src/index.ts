export * from './check.actor.js';
export type { FollowedRun } from './followed-run.js';
export type { PublishedArtifacts } from './published-tools.js';
export { NO_BUNDLE, type Verdict, Verdicts } from './verdicts.js';
