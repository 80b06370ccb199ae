import { runService } from '@interlock/service';
import { PolicyModule } from './policy.module.js';

await runService({ name: 'policy', modules: () => [PolicyModule] });
