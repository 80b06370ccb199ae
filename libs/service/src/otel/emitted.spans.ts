import { errorText } from '@interlock/contracts';
import { type Context, TraceFlags } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';

/** The ids of one span. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** What became of spans: every exporter has them, one refuses them for good, or one did not answer or asks to wait. */
export type Sent =
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'refused' | 'later'; readonly because: string };

/**
 * Where spans leave the SDK of this process. Most go out in batches, as everywhere. Those that are folded from the log go another way, because
 * whoever emits them must give them ids of its own and must know when the collector has them.
 */
export class EmittedSpans implements SpanProcessor, IdGenerator {
  readonly #random = new RandomIdGenerator();
  readonly #batches: readonly SpanProcessor[];
  #ids: SpanIds | undefined;
  #emitted: ReadableSpan[] | undefined;

  constructor(private readonly exporters: readonly SpanExporter[]) {
    this.#batches = exporters.map((exporter) => new BatchSpanProcessor({ exporter, ...batchSettings() }));
  }

  generateTraceId(): string {
    return this.#ids?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#ids?.spanId ?? this.#random.generateSpanId();
  }

  /** Whatever starts and ends a span in `work` gets these ids; it must not wait. @returns the span as the sampler and the limits left it */
  emit(ids: SpanIds, work: () => void): ReadableSpan | undefined {
    this.#ids = ids;
    this.#emitted = [];
    try {
      work();
      return this.#emitted[0];
    } finally {
      this.#ids = undefined;
      this.#emitted = undefined;
    }
  }

  /** Never rejects. */
  async send(spans: readonly ReadableSpan[]): Promise<Sent> {
    const results = await Promise.all(this.exporters.map((exporter) => sendTo(exporter, spans)));
    return (
      results.find(({ outcome }) => outcome === 'later') ??
      results.find(({ outcome }) => outcome === 'refused') ?? { outcome: 'taken' }
    );
  }

  onStart(span: Span, parent: Context): void {
    if (this.#emitted === undefined) for (const batch of this.#batches) batch.onStart(span, parent);
  }

  onEnd(span: ReadableSpan): void {
    if (this.#emitted === undefined) for (const batch of this.#batches) batch.onEnd(span);
    else if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#emitted.push(span);
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#batches.map((batch) => batch.forceFlush()));
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#batches.map((batch) => batch.shutdown()));
  }
}

const sendTo = (exporter: SpanExporter, spans: readonly ReadableSpan[]): Promise<Sent> =>
  new Promise((resolve) => {
    try {
      exporter.export([...spans], ({ code, error }) => {
        resolve(code === 0 ? { outcome: 'taken' } : failed(error));
      });
    } catch (error) {
      // What cannot be encoded cannot be encoded the next time either.
      resolve({ outcome: 'refused', because: errorText(error) });
    }
  });

/**
 * Answers that say of the spans themselves that they are wrong: bad request, too large, unsupported, unprocessable; of gRPC, invalid
 * argument and unimplemented. Any other, such as an expired token, a wrong path or a proxy that fails, people mend at the collector.
 */
const refusals: ReadonlySet<unknown> = new Set([400, 413, 415, 422, 3, 12]);

function failed(error: (Error & { readonly code?: unknown }) | undefined): Sent {
  const code = error?.code;
  const outcome = refusals.has(code) ? 'refused' : 'later';
  return { outcome, because: `${String(code ?? '')} ${error?.message ?? 'no reason given'}`.trim() };
}

function batchSettings() {
  const { OTEL_BSP_MAX_QUEUE_SIZE, OTEL_BSP_SCHEDULE_DELAY } = process.env;
  const { OTEL_BSP_EXPORT_TIMEOUT, OTEL_BSP_MAX_EXPORT_BATCH_SIZE } = process.env;
  return {
    ...optional('maxQueueSize', OTEL_BSP_MAX_QUEUE_SIZE),
    ...optional('scheduledDelayMillis', OTEL_BSP_SCHEDULE_DELAY),
    ...optional('exportTimeoutMillis', OTEL_BSP_EXPORT_TIMEOUT),
    ...optional('maxExportBatchSize', OTEL_BSP_MAX_EXPORT_BATCH_SIZE),
  };
}

const optional = (name: string, text: string | undefined) =>
  Number(text) > 0 ? { [name]: Number(text) } : {};
