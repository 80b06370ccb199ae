import { runService } from '@interlock/service';
import { ToolExecutorModule } from './tool-executor.module.js';

await runService({ name: 'tool-executor', modules: () => [ToolExecutorModule] });
