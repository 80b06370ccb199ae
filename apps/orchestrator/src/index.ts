export { OrchestratorModule, orchestratorSpec } from './orchestrator.module.js';
export { OrderWriter } from './order.writer.js';
export { type SchedulePorts, scheduleSpec } from './schedule.spec.js';
