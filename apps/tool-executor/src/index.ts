export * from './call.actor.js';
export * from './call.effect.js';
export type { Attempt, CallState } from './call.state.js';
export { type Circuits, noCircuits, ProcessCircuits } from './circuit/circuits.js';
export * from './effect-runner.js';
export * from './in-process.workplace.js';
export * from './tool-executor.module.js';
export * from './tool-set.js';
export * from './workplace.js';
