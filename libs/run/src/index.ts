export { describeRun, type Run, type RunStatus, type WaitingFor } from './describe.js';
export { type EvolveOptions, evolve } from './evolve/index.js';
export { foldRun } from './fold.js';
export type { RunActorOptions } from './options.js';
export { REDACTED, redact } from './redact.js';
export { runActor } from './run.actor.js';
export { decodeState, encodeState } from './state.codec.js';
export { type RunState, STATE_VERSION, type StepState } from './state.js';
export { stateHash } from './state-hash.js';
