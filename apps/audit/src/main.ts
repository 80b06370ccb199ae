import { runService } from '@interlock/service';
import { AuditModule } from './audit.module.js';
import { AnchorKeysModule } from './keys.module.js';

await runService({ name: 'audit', modules: () => [AuditModule, AnchorKeysModule] });
