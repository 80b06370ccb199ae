import { Module } from '@nestjs/common';
import { MetricsModule } from './metrics/metrics.module.js';
import { TracesModule } from './traces/traces.module.js';

/** Shows other systems what happens: metrics and traces. It writes no topic. */
@Module({ imports: [MetricsModule, TracesModule] })
export class TelemetryModule {}
