import type { Service } from '@interlock/service';
import { configuredModels, PlannerModule } from './planner.module.js';

/** The planner as a process of its own; one process for everything takes its parts. */
export const plannerService: Service = {
  name: 'planner',
  modules(configuration) {
    configuredModels(configuration); // Wrong settings end the start before anything is opened.
    return [PlannerModule];
  },
};
