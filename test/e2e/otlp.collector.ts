import { createServer, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import {
  type OtlpPoint,
  type OtlpRequest,
  type OtlpSignal,
  type OtlpSpan,
  otlpRequest,
  valuesOf,
} from './otlp.messages.ts';

/** A span as the collector got it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly resource: Readonly<Record<string, unknown>>;
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

/** One point of a metric. */
export interface ReceivedPoint {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of a histogram its sum. */
  readonly value: number;
  readonly count: number;
  readonly bounds: readonly number[];
}

export interface ReceivedLog {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly severity: string;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** An OTLP receiver, over HTTP in JSON and protobuf and over gRPC: what a collector is to an exporter. */
export class OtlpCollector {
  readonly spans: ReceivedSpan[] = [];
  readonly points: ReceivedPoint[] = [];
  readonly logs: ReceivedLog[] = [];
  /** How it was asked: `http/json`, `http/protobuf`, `grpc`. */
  readonly protocols = new Set<string>();
  /** Answers with this status instead of taking what comes. */
  answering = 200;
  #requests = 0;

  private constructor(
    private readonly server: Server,
    private readonly grpc: Http2Server,
  ) {}

  static async start(port = 0): Promise<OtlpCollector> {
    const server = createServer();
    const grpc = createHttp2Server();
    const collector = new OtlpCollector(server, grpc);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const type = request.headers['content-type'] ?? '';
        const isJson = type === 'application/json';
        const signal = request.url?.replace('/v1/', '') as OtlpSignal;
        const status = collector.#take(signal, Buffer.concat(chunks), isJson ? 'http/json' : 'http/protobuf');
        response.writeHead(status, { 'content-type': type }).end(isJson ? '{}' : '');
      });
    });
    grpc.on('stream', (stream, headers) => collector.#takeGrpc(stream, String(headers[':path'])));
    await Promise.all([listening(server, port), listening(grpc, 0)]);
    return collector;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get grpcUrl(): string {
    return `http://127.0.0.1:${(this.grpc.address() as AddressInfo).port}`;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Spans of the trace that tells of the run. */
  ofRun(runId: string): ReceivedSpan[] {
    const mine = this.spans.find(({ attributes }) => attributes['interlock.run.id'] === runId);
    return this.spans.filter(({ traceId }) => traceId === mine?.traceId);
  }

  /** Ends with those who asked. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.grpc.close();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** A message is one byte that says whether it is compressed, four with its length, and the request. */
  #takeGrpc(stream: ServerHttp2Stream, path: string): void {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const signal = (/collector\.(trace|metrics|logs)\./.exec(path)?.[1] ?? '').replace(/^trace$/, 'traces');
      const status = this.#take(signal as OtlpSignal, Buffer.concat(chunks).subarray(5), 'grpc');
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      // 14: unavailable.
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status === 200 ? '0' : '14' }));
      stream.end(Buffer.alloc(status === 200 ? 5 : 0));
    });
  }

  #take(signal: OtlpSignal, body: Buffer, protocol: string): number {
    this.#requests += 1;
    this.protocols.add(protocol);
    if (!['traces', 'metrics', 'logs'].includes(signal)) return 404;
    if (this.answering !== 200) return this.answering;
    this.#keep(otlpRequest(signal, body, protocol === 'http/json'));
    return 200;
  }

  #keep({ resourceSpans = [], resourceMetrics = [], resourceLogs = [] }: OtlpRequest): void {
    for (const { resource, scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans)
        this.spans.push(...spans.map((span) => received(valuesOf(resource.attributes), span)));
    for (const { resource, scopeMetrics } of resourceMetrics)
      for (const { name, unit, gauge, sum, histogram } of scopeMetrics.flatMap(({ metrics }) => metrics))
        for (const point of (gauge ?? sum ?? histogram)?.dataPoints ?? [])
          this.points.push({ resource: valuesOf(resource.attributes), name, unit, ...pointOf(point) });
    for (const { resource, scopeLogs } of resourceLogs)
      for (const { severityText, body, attributes } of scopeLogs.flatMap(({ logRecords }) => logRecords))
        this.logs.push({
          resource: valuesOf(resource.attributes),
          severity: severityText,
          body: body.stringValue,
          attributes: valuesOf(attributes),
        });
  }
}

const listening = (server: Server | Http2Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve());
  });

const received = (resource: Record<string, unknown>, span: OtlpSpan): ReceivedSpan => ({
  service: String(resource['service.name']),
  resource,
  name: span.name,
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId || undefined,
  kind: span.kind,
  start: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
  end: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
  attributes: valuesOf(span.attributes),
  events: span.events.map(({ name }) => name),
  error: span.status?.code === 2 ? span.status.message : undefined,
});

const pointOf = ({ attributes, asDouble, asInt, sum, count, explicitBounds }: OtlpPoint) => ({
  attributes: valuesOf(attributes),
  value: Number(asDouble ?? asInt ?? sum),
  count: Number(count ?? 1),
  bounds: explicitBounds ?? [],
});
