import { runService } from '@interlock/service';
import { RegistryModule } from './registry.module.js';

await runService({ name: 'registry', modules: () => [RegistryModule] });
