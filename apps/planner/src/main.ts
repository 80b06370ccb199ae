import { runService } from '@interlock/service';
import { plannerService } from './planner.service.js';

await runService(plannerService);
