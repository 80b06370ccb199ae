import { diag } from '@opentelemetry/api';
import { ConsoleSpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace';
import { listOf } from './signals.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The exporters that `OTEL_TRACES_EXPORTER` and the protocol variables name, as the SDK would make them. We make them ourselves, because
 * the SDK tells nobody whether a collector has taken a span.
 */
export async function traceExporters(environment: Environment): Promise<SpanExporter[]> {
  const named = new Set(listOf(environment.OTEL_TRACES_EXPORTER));
  const names = named.size === 0 ? ['otlp'] : [...named];
  return (await Promise.all(names.map((name) => exporterNamed(name, environment)))).flat();
}

async function exporterNamed(name: string, environment: Environment): Promise<SpanExporter[]> {
  switch (name) {
    case 'otlp':
      return [await otlpExporter(environment)];
    case 'zipkin': {
      const { ZipkinExporter } = await import('@opentelemetry/exporter-zipkin');
      return [new ZipkinExporter()];
    }
    case 'console':
      return [new ConsoleSpanExporter()];
    default:
      diag.warn(`OTEL_TRACES_EXPORTER: ${name} is not known; known are otlp, zipkin, console and none`);
      return [];
  }
}

async function otlpExporter(environment: Environment): Promise<SpanExporter> {
  const protocol =
    environment.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL?.trim() ||
    environment.OTEL_EXPORTER_OTLP_PROTOCOL?.trim() ||
    undefined;
  switch (protocol) {
    case 'grpc':
      return new (await import('@opentelemetry/exporter-trace-otlp-grpc')).OTLPTraceExporter();
    case 'http/json':
      return new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter();
    case undefined:
    case 'http/protobuf':
      break;
    default:
      diag.warn(`OTEL_EXPORTER_OTLP_PROTOCOL: ${protocol} is not known; http/protobuf is used`);
  }
  return new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter();
}
