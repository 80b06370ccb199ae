import type { Runtime } from '@interlock/actors';
import type { Secrets } from '@interlock/authority';
import type { Broker } from '@interlock/broker';
import type { Values } from '@interlock/values';
import type { ArtifactView } from './artifacts.js';
import type { Configuration } from './configuration.js';
import type { ControlView } from './control.view.js';
import type { Log } from './logger.js';
import type { Metrics } from './metrics.js';
import type { OpenTelemetry } from './otel/open.telemetry.js';
import type { ProjectionMetrics } from './projection.metrics.js';
import { token } from './provider.js';
import type { Readiness } from './readiness.js';
import type { StoppedPartitions } from './stopped.partitions.js';

/** Injection tokens: nothing relies on emitted type metadata. */
export const CONFIGURATION = token<Configuration>('Configuration');
/** What documents and modules name as variables of the environment. */
export const SECRETS = token<Secrets>('Secrets');
export const LOG = token<Log>('Log');
export const BROKER = token<Broker>('Broker');
export const RUNTIME = token<Runtime>('Runtime');
export const CONTROL = token<ControlView>('ControlView');
export const ARTIFACTS = token<ArtifactView>('ArtifactView');
export const READINESS = token<Readiness>('Readiness');
export const METRICS_REGISTRY = token<Metrics>('Metrics');
export const PROJECTIONS = token<ProjectionMetrics>('ProjectionMetrics');
export const STOPPED = token<StoppedPartitions>('StoppedPartitions');
export const OPEN_TELEMETRY = token<OpenTelemetry>('OpenTelemetry');
/** Absent: no store is set, and what does not fit into the log is refused. */
export const VALUES = token<Values | undefined>('Values');
