/** Injection tokens: nothing relies on emitted type metadata. */
export const CONFIGURATION = Symbol('Configuration');
export const LOG = Symbol('Log');
export const BROKER = Symbol('Broker');
export const RUNTIME = Symbol('Runtime');
export const CONTROL = Symbol('ControlView');
export const ARTIFACTS = Symbol('ArtifactView');
export const READINESS = Symbol('Readiness');
export const METRICS_REGISTRY = Symbol('Metrics');
export const PROJECTIONS = Symbol('ProjectionMetrics');
export const STOPPED = Symbol('StoppedPartitions');
export const OPEN_TELEMETRY = Symbol('OpenTelemetry');
