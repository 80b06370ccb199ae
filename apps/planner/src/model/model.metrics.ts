import type { Usage } from '@interlock/contracts';
import { type Attributes, type Meter, metrics } from '@opentelemetry/api';

/** One request that went out to a model. */
export interface ModelRequest {
  /** `provider/name` */
  readonly model: string;
  readonly url: string;
  readonly tookMs: number;
  /** Absent: nobody knows. */
  readonly usage: Usage | undefined;
  /** Class of the failure; absent: it answered as it should. */
  readonly error: string | undefined;
}

/** Seconds, and tokens: what the conventions advise. */
const DURATIONS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

/**
 * Requests to models as OpenTelemetry's conventions for generative AI name them, those of release 0.1.0.
 * Dashboards still read the names from before it, so both go out; `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental` leaves the old ones out.
 * @param meter one that was handed out before the SDK started stays without effect
 */
export function openModelMetrics(
  meter: Meter = metrics.getMeter('interlock'),
  // biome-ignore lint/style/noProcessEnv: a setting of OpenTelemetry’s own
  optIn = process.env.OTEL_SEMCONV_STABILITY_OPT_IN ?? '',
): (request: ModelRequest) => void {
  const isLatest = optIn.split(',').some((name) => name.trim() === 'gen_ai_latest_experimental');
  const current = currentMetrics(meter);
  const before = isLatest ? undefined : metricsBefore(meter);
  return (request) => {
    const seconds = request.tookMs / 1_000;
    const about = attributesOf(request);
    const ended = request.error === undefined ? about : { ...about, 'error.type': request.error };
    current.duration.record(seconds, ended);
    before?.duration.record(seconds, ended);
    if (request.usage === undefined) return;
    const tokens = { input: request.usage.inputTokens, output: request.usage.outputTokens };
    for (const type of ['input', 'output'] as const) {
      current.used[type].add(tokens[type], about);
      current.each[type].record(tokens[type], about);
      before?.tokens.record(tokens[type], { ...about, 'gen_ai.token.type': type });
    }
  };
}

function currentMetrics(meter: Meter) {
  const counter = (type: 'input' | 'output') =>
    meter.createCounter(`gen_ai.client.inference.usage.${type}_tokens`, {
      unit: '{token}',
      description: `Number of ${type} tokens used`,
    });
  const histogram = (type: 'input' | 'output') =>
    meter.createHistogram(`gen_ai.client.inference.operation.${type}_tokens`, {
      unit: '{token}',
      description: `Number of ${type} tokens of one request`,
      advice: { explicitBucketBoundaries: TOKENS },
    });
  return {
    duration: durationOf(meter, 'gen_ai.client.inference.duration'),
    used: { input: counter('input'), output: counter('output') },
    each: { input: histogram('input'), output: histogram('output') },
  };
}

const metricsBefore = (meter: Meter) => ({
  duration: durationOf(meter, 'gen_ai.client.operation.duration'),
  tokens: meter.createHistogram('gen_ai.client.token.usage', {
    unit: '{token}',
    description: 'Number of input and output tokens used',
    advice: { explicitBucketBoundaries: TOKENS },
  }),
});

const durationOf = (meter: Meter, name: string) =>
  meter.createHistogram(name, {
    unit: 's',
    description: 'Duration of a request to a model',
    advice: { explicitBucketBoundaries: DURATIONS },
  });

function attributesOf({ model, url }: ModelRequest): Attributes {
  const slash = model.indexOf('/');
  const { hostname, port, protocol } = new URL(url);
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': model.slice(0, slash),
    'gen_ai.request.model': model.slice(slash + 1),
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}
