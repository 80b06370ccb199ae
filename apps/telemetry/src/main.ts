import { runService } from '@interlock/service';
import { TelemetryModule } from './telemetry.module.js';

await runService({ name: 'telemetry', modules: () => [TelemetryModule] });
