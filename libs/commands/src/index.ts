export { ArtifactPublisher } from './artifact.publisher.js';
export { BulkCommander, bulkOrderHash, type KnownBulks } from './bulk.commander.js';
export { commandIdOf } from './command.id.js';
export { KillSwitch } from './kill.switch.js';
export { MigrationPlanner } from './migration.planner.js';
export { ModulePublication, ModulesRefusedError } from './module.publication.js';
export { moduleSignature } from './module.signature.js';
export { PolicyActivator } from './policy.activator.js';
export * from './problem.js';
export * from './published.js';
export { RunCommander } from './run.commander.js';
export { type Received, RunStarter } from './run.starter.js';
export { type KnownSchedules, ScheduleCommander } from './schedule.commander.js';
export {
  type Fired,
  type FoundRecord,
  type RunSource,
  TriggerFirer,
  TriggerLeftError,
  triggerReason,
} from './trigger.firer.js';
export { VoteCaster } from './vote.caster.js';
