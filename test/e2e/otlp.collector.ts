import { createServer, type Server } from 'node:http';

interface OtlpValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
}
interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly events: readonly { readonly name: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

/** A span as the collector got it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly kind: number;
  /** UTC ms */
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly error: string | undefined;
}

/** An OTLP/HTTP receiver for traces, JSON encoding: what a collector is to an exporter. */
export class OtlpCollector {
  readonly spans: ReceivedSpan[] = [];
  /** Answers with this status instead of taking what comes. */
  answering = 200;
  #requests = 0;

  private constructor(private readonly server: Server) {}

  static async start(port = 0): Promise<OtlpCollector> {
    const server = createServer();
    const collector = new OtlpCollector(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const status = collector.#take(request.url ?? '', Buffer.concat(chunks).toString('utf8'));
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', () => resolve());
    });
    return collector;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Spans of the trace that tells of the run. */
  ofRun(runId: string): ReceivedSpan[] {
    const mine = this.spans.find(({ attributes }) => attributes['interlock.run.id'] === runId);
    return this.spans.filter(({ traceId }) => traceId === mine?.traceId);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #take(path: string, body: string): number {
    this.#requests += 1;
    if (path !== '/v1/traces') return 404;
    if (this.answering !== 200) return this.answering;
    const { resourceSpans } = JSON.parse(body);
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(valuesOf(resource.attributes)['service.name']);
      for (const { spans } of scopeSpans)
        this.spans.push(...spans.map((span: OtlpSpan) => received(service, span)));
    }
    return 200;
  }
}

const received = (service: string, span: OtlpSpan): ReceivedSpan => ({
  service,
  name: span.name,
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId,
  kind: span.kind,
  start: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
  end: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
  attributes: valuesOf(span.attributes),
  events: span.events.map(({ name }) => name),
  error: span.status.code === 2 ? span.status.message : undefined,
});

const valuesOf = (attributes: readonly OtlpAttribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
