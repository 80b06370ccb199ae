type Environment = Readonly<Record<string, string | undefined>>;

export const signalNames = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof signalNames)[number];

/**
 * Which signals the OpenTelemetry variables ask for: those with an exporter or an endpoint. OpenTelemetry's own default, a collector on this
 * machine that nobody has named, would have every process without one complain for ever.
 */
export function wantedSignals(environment: Environment): ReadonlySet<Signal> {
  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return new Set();
  return new Set(signalNames.filter((signal) => isWanted(signal, environment)));
}

function isWanted(signal: Signal, environment: Environment): boolean {
  const name = signal.toUpperCase();
  const exporters = listOf(environment[`OTEL_${name}_EXPORTER`]);
  if (exporters.length > 0) return !exporters.includes('none');
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${name}_ENDPOINT`].some(
    (endpoint) => (environment[endpoint]?.trim() ?? '') !== '',
  );
}

/** The names in a variable that lists some. */
export const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
