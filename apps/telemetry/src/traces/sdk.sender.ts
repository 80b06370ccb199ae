/**
 * Spans folded from the log go out through the SDK of this process: its sampler, its limits, its exporters.
 *
 *  P1  A span keeps the ids that follow from its events, and the times of its events.
 *  P2  Its resource is the service that did the work, not the process that emits it.
 *  P3  A trace is kept whole or not at all, whatever the sampler is, although its spans are emitted from the leaves to the root.
 */
import type { EmittedSpans, Sent } from '@interlock/service/otel';
import {
  type Context,
  type HrTime,
  type Attributes as OtelAttributes,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Attributes, FinishedSpan } from './span.js';

export interface SpanSender {
  /** Never rejects. */
  send(spans: readonly FinishedSpan[]): Promise<SentSpans>;
}

/** `spans`: how many the sampler kept. */
export type SentSpans = Sent & { readonly spans: number };

export class SdkSender implements SpanSender {
  readonly #resources = new Map<FinishedSpan['service'], Resource>();

  constructor(
    private readonly outlet: Pick<EmittedSpans, 'emit' | 'send'>,
    private readonly tracer: Tracer = trace.getTracer('interlock'),
  ) {}

  async send(spans: readonly FinishedSpan[]): Promise<SentSpans> {
    const kept = spans.flatMap((span) => this.#readable(span) ?? []);
    const sent: Sent = kept.length === 0 ? { outcome: 'taken' } : await this.outlet.send(kept);
    return { ...sent, spans: kept.length };
  }

  #readable(span: FinishedSpan): ReadableSpan | undefined {
    const emitted = this.outlet.emit(span, () => this.#startAndEnd(span));
    return emitted && withResource(emitted, this.#resourceOf(span.service));
  }

  #startAndEnd(span: FinishedSpan): void {
    const { name, kind, start, end, attributes, events, error } = span;
    const own = this.tracer.startSpan(
      name,
      { kind: kinds[kind], startTime: instant(start), attributes: present(attributes) },
      this.#parentOf(span),
    );
    for (const event of events) own.addEvent(event.name, present(event.attributes ?? {}), instant(event.at));
    if (error !== undefined) {
      own.setAttribute('error.type', error);
      own.setStatus({ code: SpanStatusCode.ERROR, message: error });
    }
    own.end(instant(end));
  }

  /** Its flags say what became of the root of the trace (P3), for the samplers that go by the parent. */
  #parentOf({ traceId, parent, isContinued }: FinishedSpan): Context {
    if (parent === undefined) return ROOT_CONTEXT;
    const traceFlags = isContinued === true ? TraceFlags.SAMPLED : this.#flagsOfRoot();
    const { spanId, isRemote } = parent;
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, isRemote, traceFlags });
  }

  /** A root span of this trace, started to see what the sampler says and never ended. */
  #flagsOfRoot(): TraceFlags {
    return this.tracer.startSpan('root', {}, ROOT_CONTEXT).spanContext().traceFlags;
  }

  /** One object a service: exporters group spans by it. */
  #resourceOf(service: FinishedSpan['service']): Resource {
    let resource = this.#resources.get(service);
    if (resource === undefined) {
      resource = defaultResource()
        .merge(resourceFromAttributes({ 'service.namespace': 'interlock' }))
        .merge(detectResources({ detectors: [envDetector] }))
        .merge(resourceFromAttributes({ 'service.name': service }));
      this.#resources.set(service, resource);
    }
    return resource;
  }
}

/** The span with another resource: it has no setter for it, and exporters only read. */
const withResource = (span: ReadableSpan, resource: Resource): ReadableSpan =>
  Object.create(span, { resource: { value: resource, enumerable: true } });

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  client: SpanKind.CLIENT,
} as const;

const present = (attributes: Attributes): OtelAttributes =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? [...value] : value] as const],
    ),
  ) as OtelAttributes;

/** As seconds and nanoseconds: the SDK treats a small number as a reading of its own clock. */
const instant = (ms: number): HrTime => [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];
