import { errorText } from '@interlock/contracts';
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { Log } from '../logger.js';
import { EmittedSpans } from './emitted.spans.js';
import { OTEL_HOST } from './log.bridge.js';
import type { OpenTelemetry } from './open.telemetry.js';
import { observeProcess } from './process.metrics.js';
import type { Signal } from './signals.js';
import { traceExporters } from './trace.exporters.js';

/** Loaded only when something is to be exported: the SDK with its exporters takes time and memory. */
export async function startSdk(
  service: { readonly name: string; readonly version: string },
  signals: ReadonlySet<Signal>,
  log: Log,
): Promise<OpenTelemetry> {
  // Comes first: the SDK reports a wrong setting when it makes the exporter.
  tellDiagnostics(log);
  const exporters = signals.has('traces') ? await traceExporters(process.env) : [];
  const spans = exporters.length === 0 ? undefined : new EmittedSpans(exporters);
  const own = resourceFromAttributes({
    'service.name': service.name,
    'service.namespace': 'interlock',
    'service.version': service.version,
  });
  const sdk = new NodeSDK({
    // What the detectors find, the environment last, goes over it.
    resource: defaultResource().merge(own),
    spanProcessors: spans === undefined ? [] : [spans],
    ...(spans === undefined ? {} : { idGenerator: spans }),
    ...(signals.has('metrics') ? {} : { metricReaders: [] }),
    ...(signals.has('logs') ? {} : { logRecordProcessors: [] }),
  });
  // The SDK has set a logger that writes to standard output, when OTEL_LOG_LEVEL is set.
  tellDiagnostics(log);
  sdk.start();
  if (signals.has('metrics')) observeProcess();
  return { spans, shutdown: () => sdk.shutdown() };
}

const tellDiagnostics = (log: Log): void =>
  void diag.setLogger(diagnosticsTo(log.child({ host: OTEL_HOST })), {
    logLevel: diagnosticLevel(process.env.OTEL_LOG_LEVEL),
    suppressOverrideMessage: true,
  });

/** A component comes as the message and what it says as the first detail; a body of the collector may be a page long. */
const TEXT_LENGTH_MAX = 500;

const diagnosticText = (said: unknown): string => {
  if (said instanceof Uint8Array) return `<${said.length} bytes>`;
  const text = typeof said === 'object' && !(said instanceof Error) ? JSON.stringify(said) : errorText(said);
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)} ...` : text;
};

const diagnosticsTo = (log: Log): DiagLogger => {
  const at =
    (level: 'debug' | 'info' | 'warn') =>
    (message: string, ...detail: unknown[]) =>
      log[level]({}, [message, ...detail].map(diagnosticText).join(': '));
  // A failed export is not an error of this process, which goes on without it.
  return { error: at('warn'), warn: at('warn'), info: at('info'), debug: at('debug'), verbose: at('debug') };
};

const levels: Readonly<Record<string, DiagLogLevel>> = {
  NONE: DiagLogLevel.NONE,
  ERROR: DiagLogLevel.ERROR,
  INFO: DiagLogLevel.INFO,
  DEBUG: DiagLogLevel.DEBUG,
  VERBOSE: DiagLogLevel.VERBOSE,
  ALL: DiagLogLevel.ALL,
};
const diagnosticLevel = (name: string | undefined): DiagLogLevel =>
  levels[name?.trim().toUpperCase() ?? ''] ?? DiagLogLevel.WARN;
