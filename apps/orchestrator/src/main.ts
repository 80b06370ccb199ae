import { runService } from '@interlock/service';
import { OrchestratorModule } from './orchestrator.module.js';

await runService({ name: 'orchestrator', modules: () => [OrchestratorModule] });
