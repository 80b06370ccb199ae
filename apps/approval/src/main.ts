import { runService } from '@interlock/service';
import { ApprovalModule } from './approval.module.js';

await runService({ name: 'approval', modules: () => [ApprovalModule] });
