import { type HrTime, type Attributes as OtelAttributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Attributes, FinishedSpan } from './span.js';

/** What became of a batch: the collector has it, refuses it for good, or did not answer or asks to wait. */
export type Sent =
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'refused' | 'later'; readonly because: string };

export interface SpanSender {
  /** Never rejects. */
  send(spans: readonly FinishedSpan[]): Promise<Sent>;
  close(): Promise<void>;
}

/** Sends spans over OTLP/HTTP; headers, timeout, compression and certificates are the OpenTelemetry variables' business. */
export class OtlpSender implements SpanSender {
  readonly #exporter: OTLPTraceExporter;
  readonly #environment = detectResources({ detectors: [envDetector] });
  readonly #resources = new Map<FinishedSpan['service'], Resource>();

  /** @param url of the collector's traces, `http://host:4318/v1/traces` */
  constructor(url: string) {
    this.#exporter = new OTLPTraceExporter({ url });
  }

  send(spans: readonly FinishedSpan[]): Promise<Sent> {
    return new Promise((resolve) => {
      this.#exporter.export(
        spans.map((span) => readable(span, this.#resourceOf(span.service))),
        ({ error }) => resolve(error === undefined ? { outcome: 'taken' } : failed(error)),
      );
    });
  }

  close(): Promise<void> {
    return this.#exporter.shutdown();
  }

  /** One object a service: the exporter groups spans by it. */
  #resourceOf(service: FinishedSpan['service']): Resource {
    let resource = this.#resources.get(service);
    if (resource === undefined) {
      const own = resourceFromAttributes({ 'service.name': service, 'service.namespace': 'interlock' });
      resource = this.#environment.merge(own);
      this.#resources.set(service, resource);
    }
    return resource;
  }
}

/** Only an answer of the collector that no repetition changes comes with a status code. */
function failed(error: Error & { readonly code?: unknown }): Sent {
  const outcome = typeof error.code === 'number' ? 'refused' : 'later';
  return { outcome, because: `${String(error.code ?? '')} ${error.message}`.trim() };
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  client: SpanKind.CLIENT,
} as const;
const instrumentationScope = { name: 'interlock' };

function readable(span: FinishedSpan, resource: Resource): ReadableSpan {
  const { traceId, spanId, parent, start, end, error } = span;
  const context = (id: string, isRemote: boolean) => ({ traceId, spanId: id, isRemote, traceFlags: 1 });
  const errorType = error === undefined ? {} : { 'error.type': error };
  return {
    name: span.name,
    kind: kinds[span.kind],
    spanContext: () => context(spanId, false),
    ...(parent === undefined ? {} : { parentSpanContext: context(parent.spanId, parent.isRemote) }),
    startTime: instant(start),
    endTime: instant(end),
    duration: instant(end - start),
    ended: true,
    status:
      error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes: { ...present(span.attributes), ...errorType },
    events: span.events.map(({ name, at, attributes }) => ({
      name,
      time: instant(at),
      attributes: present(attributes ?? {}),
      droppedAttributesCount: 0,
    })),
    links: [],
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const present = (attributes: Attributes): OtelAttributes =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? [...value] : value] as const],
    ),
  ) as OtelAttributes;

const instant = (ms: number): HrTime => [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];
