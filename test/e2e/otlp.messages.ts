import protobuf from 'protobufjs';

/** Of the OTLP messages what tests look at; a reader of protobuf skips every other field. */
const definitions = `
syntax = "proto3";
message AnyValue { oneof value { string stringValue = 1; bool boolValue = 2; int64 intValue = 3; double doubleValue = 4; ArrayValue arrayValue = 5; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }

message Traces { repeated ResourceSpans resourceSpans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopeSpans = 2; }
message ScopeSpans { repeated Span spans = 2; }
message Span {
  bytes traceId = 1; bytes spanId = 2; bytes parentSpanId = 4; string name = 5; int32 kind = 6;
  fixed64 startTimeUnixNano = 7; fixed64 endTimeUnixNano = 8; repeated KeyValue attributes = 9; repeated Event events = 11; Status status = 15;
}
message Event { string name = 2; }
message Status { string message = 2; int32 code = 3; }

message Metrics { repeated ResourceMetrics resourceMetrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scopeMetrics = 2; }
message ScopeMetrics { repeated Metric metrics = 2; }
message Metric { string name = 1; string unit = 3; Points gauge = 5; Points sum = 7; Histogram histogram = 9; }
message Points { repeated Point dataPoints = 1; }
message Point { repeated KeyValue attributes = 7; double asDouble = 4; sfixed64 asInt = 6; }
message Histogram { repeated Bucketed dataPoints = 1; }
message Bucketed { fixed64 count = 4; double sum = 5; repeated double explicitBounds = 7; repeated KeyValue attributes = 9; }

message Logs { repeated ResourceLogs resourceLogs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scopeLogs = 2; }
message ScopeLogs { repeated LogRecord logRecords = 2; }
message LogRecord { int32 severityNumber = 2; string severityText = 3; AnyValue body = 5; repeated KeyValue attributes = 6; }
`;
const { root } = protobuf.parse(definitions, { keepCase: true });

export type OtlpSignal = 'traces' | 'metrics' | 'logs';
const typeOf = { traces: 'Traces', metrics: 'Metrics', logs: 'Logs' } as const;

interface AnyValue {
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly [kind: string]: unknown;
}
export interface OtlpAttribute {
  readonly key: string;
  readonly value: AnyValue;
}
export interface OtlpResource {
  readonly attributes: readonly OtlpAttribute[];
}
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly events: readonly { readonly name: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}
export interface OtlpPoint {
  readonly attributes: readonly OtlpAttribute[];
  readonly asDouble?: number;
  readonly asInt?: number;
  /** Of a histogram. */
  readonly count?: number | string;
  readonly sum?: number;
  readonly explicitBounds?: readonly number[];
}
export interface OtlpMetric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly sum?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly histogram?: { readonly dataPoints: readonly OtlpPoint[] };
}
export interface OtlpLogRecord {
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValue;
  readonly attributes: readonly OtlpAttribute[];
}

/** A request as it stands in JSON: identifiers in hexadecimal. */
export interface OtlpRequest {
  readonly resourceSpans?: readonly {
    readonly resource: OtlpResource;
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly resource: OtlpResource;
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
  readonly resourceLogs?: readonly {
    readonly resource: OtlpResource;
    readonly scopeLogs: readonly { readonly logRecords: readonly OtlpLogRecord[] }[];
  }[];
}

export function otlpRequest(signal: OtlpSignal, body: Buffer, isJson: boolean): OtlpRequest {
  if (isJson) return JSON.parse(body.toString('utf8'));
  const type = root.lookupType(typeOf[signal]);
  const message = type.toObject(type.decode(body), { longs: String, arrays: true, bytes: String });
  return JSON.parse(
    JSON.stringify(message, (name, value) =>
      typeof value === 'string' && /^(traceId|spanId|parentSpanId)$/.test(name)
        ? Buffer.from(value, 'base64').toString('hex')
        : value,
    ),
  );
}

export const valuesOf = (attributes: readonly OtlpAttribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));

function plain(value: AnyValue): unknown {
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(plain);
  return 'intValue' in value ? Number(value.intValue) : Object.values(value)[0];
}
