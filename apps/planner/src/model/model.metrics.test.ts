import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { type ModelRequest, openModelMetrics } from './model.metrics.js';

const answered: ModelRequest = {
  model: 'openai/gpt-5-mini',
  url: 'https://api.openai.com/v1',
  tookMs: 1_500,
  usage: { inputTokens: 1_000, outputTokens: 20 },
  error: undefined,
};
const about = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-5-mini',
  'server.address': 'api.openai.com',
  'server.port': 443,
};

/** What is exported after these requests, by name. */
async function exportedAfter(requests: readonly ModelRequest[], optIn?: string) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  const observe = openModelMetrics(provider.getMeter('test'), optIn);
  for (const request of requests) observe(request);
  await provider.forceFlush();
  const [batch] = exporter.getMetrics();
  await provider.shutdown();
  const all = batch?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
  return new Map(
    all.map(({ descriptor, dataPoints }) => [descriptor.name, { unit: descriptor.unit, dataPoints }]),
  );
}

test('a request that was answered tells its time and its tokens, under the names of now and of before', async () => {
  const exported = await exportedAfter([answered, answered]);
  expect(exported.get('gen_ai.client.inference.duration')).toMatchObject({
    unit: 's',
    dataPoints: [{ attributes: about, value: { sum: 3, count: 2 } }],
  });
  expect(exported.get('gen_ai.client.inference.usage.input_tokens')).toMatchObject({
    unit: '{token}',
    dataPoints: [{ attributes: about, value: 2_000 }],
  });
  expect(exported.get('gen_ai.client.inference.usage.output_tokens')).toMatchObject({
    dataPoints: [{ value: 40 }],
  });
  expect(exported.get('gen_ai.client.inference.operation.input_tokens')).toMatchObject({
    dataPoints: [{ value: { sum: 2_000, count: 2, max: 1_000 } }],
  });
  expect(exported.get('gen_ai.client.operation.duration')).toMatchObject({
    dataPoints: [{ attributes: about, value: { sum: 3 } }],
  });
  expect(exported.get('gen_ai.client.token.usage')?.dataPoints).toMatchObject([
    { attributes: { ...about, 'gen_ai.token.type': 'input' }, value: { sum: 2_000 } },
    { attributes: { ...about, 'gen_ai.token.type': 'output' }, value: { sum: 40 } },
  ]);
});

test('a request that failed says how, and claims no tokens that nobody counted', async () => {
  const exported = await exportedAfter([{ ...answered, usage: undefined, error: 'timeout' }]);
  expect(exported.get('gen_ai.client.inference.duration')).toMatchObject({
    dataPoints: [{ attributes: { ...about, 'error.type': 'timeout' } }],
  });
  expect([...exported.keys()].filter((name) => name.includes('token'))).toEqual([]);
});

test('whoever wants the latest conventions alone gets no name from before', async () => {
  const exported = await exportedAfter([answered], 'http,gen_ai_latest_experimental');
  expect([...exported.keys()].sort()).toEqual([
    'gen_ai.client.inference.duration',
    'gen_ai.client.inference.operation.input_tokens',
    'gen_ai.client.inference.operation.output_tokens',
    'gen_ai.client.inference.usage.input_tokens',
    'gen_ai.client.inference.usage.output_tokens',
  ]);
});
