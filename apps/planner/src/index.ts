export { type Model, type Models, modelsOf } from './model/models.js';
export * from './plan.actor.js';
export * from './plan.effect.js';
export type { Attempt, PlanState } from './plan.state.js';
export * from './planner.module.js';
export * from './planner.service.js';
export { composer, type PublishedArtifacts } from './request/compose.js';
