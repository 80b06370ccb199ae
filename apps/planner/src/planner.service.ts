import type { Service } from '@interlock/service';
import { configuredModels, PlannerModule } from './planner.module.js';

/** The planner as a process of its own. When one process runs everything, it uses the module of this service. */
export const plannerService: Service = {
  name: 'planner',
  modules(configuration) {
    configuredModels(configuration); // Wrong settings end the start before anything is opened.
    return [PlannerModule];
  },
};
