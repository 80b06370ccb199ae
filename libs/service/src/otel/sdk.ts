import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { Log } from '../logger.js';
import { OTEL_HOST } from './log.bridge.js';
import type { OpenTelemetry } from './open.telemetry.js';
import { observeProcess } from './process.metrics.js';
import type { Signal } from './signals.js';
import { ToldSpans } from './told.spans.js';
import { traceExporters } from './trace.exporters.js';

/** Loaded only when something is to be exported: the SDK with its exporters takes time and memory. */
export async function startSdk(
  service: { readonly name: string; readonly version: string },
  signals: ReadonlySet<Signal>,
  log: Log,
): Promise<OpenTelemetry> {
  const exporters = signals.has('traces') ? await traceExporters(process.env) : [];
  const spans = exporters.length === 0 ? undefined : new ToldSpans(exporters);
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
  diag.setLogger(diagnosticsTo(log.child({ host: OTEL_HOST })), {
    logLevel: diagnosticLevel(process.env.OTEL_LOG_LEVEL),
    suppressOverrideMessage: true,
  });
  sdk.start();
  if (signals.has('metrics')) observeProcess();
  return { spans, shutdown: () => sdk.shutdown() };
}

const diagnosticsTo = (log: Log): DiagLogger => {
  const at =
    (level: 'debug' | 'info' | 'warn') =>
    (message: string, ...detail: unknown[]) =>
      log[level]({ detail: detail.length === 0 ? undefined : detail }, message);
  // An export that fails is no error of this process: it goes on without it.
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
