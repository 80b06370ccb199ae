export * from './actor.js';
export type { Batch, Quarantined } from './batch.js';
export { DueQueue } from './due-queue.js';
export * from './host.spec.js';
export type { OwnLog } from './own-log.js';
export * from './partition-host.js';
export { Quarantine } from './quarantine.js';
export * from './runtime.js';
export * from './service-host.js';
