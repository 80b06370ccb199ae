export { OrchestratorModule, orchestratorSpec } from './orchestrator.module.js';
