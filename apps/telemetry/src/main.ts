import { runService } from '@interlock/service';
import { AnchorKeysModule } from './keys.module.js';
import { TelemetryModule } from './telemetry.module.js';

await runService({ name: 'telemetry', modules: () => [TelemetryModule, AnchorKeysModule] });
