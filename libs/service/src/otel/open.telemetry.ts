import type { Log } from '../logger.js';
import { versionOf } from '../version.js';
import type { EmittedSpans } from './emitted.spans.js';
import { wantedSignals } from './signals.js';

/** The OpenTelemetry SDK of this process. */
export interface OpenTelemetry {
  /** Undefined: no traces are exported. */
  readonly spans: EmittedSpans | undefined;
  /** Sends what waits. */
  shutdown(): Promise<void>;
}

/** Used while nothing is to be exported. */
export const noTelemetry: OpenTelemetry = { spans: undefined, shutdown: async () => {} };

/** Starts the SDK when the `OTEL_*` variables ask for something, and then honours all of them. */
export async function startTelemetry(service: string, log: Log): Promise<OpenTelemetry> {
  const signals = wantedSignals(process.env);
  if (signals.size === 0) return noTelemetry;
  const { startSdk } = await import('./sdk.js');
  return startSdk({ name: service, version: versionOf(process.argv[1] ?? '') }, signals, log);
}
