import { runService } from '@interlock/service';
import { NotifierModule } from './notifier.module.js';

await runService({ name: 'notifier', modules: () => [NotifierModule] });
