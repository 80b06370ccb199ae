import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type OrderSystemProcess,
  startOrderSystem,
} from '../../examples/refund-desk/order-system.process.ts';
import { refundRequests, workflow } from '../../examples/refund-desk/requests.ts';
import { eventually } from './eventually.ts';
import { OtlpCollector } from './otlp.collector.ts';
import { newPlace } from './place.ts';
import { startSystem } from './system.process.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
let orders: OrderSystemProcess;
let collector: OtlpCollector;
beforeEach(async () => {
  place = await newPlace('otel');
  orders = await startOrderSystem(join(place.directory, 'orders'), {});
  collector = await OtlpCollector.start();
});
afterEach(async () => {
  await orders.stop();
  await collector.stop();
  await place.remove();
});

const start = (environment: Record<string, string>) =>
  startSystem({
    dataDir: join(place.directory, 'data'),
    environment: {
      INTERLOCK_MODULES: 'examples/refund-desk/module.ts',
      INTERLOCK_DEMO: '0',
      REFUND_DESK_URL: orders.url,
      ...environment,
    },
  });

/** Runs one request to its end and stops. @returns the id of its run */
async function workAndStop(environment: Record<string, string>): Promise<string> {
  const system = await start(environment);
  const { input } = refundRequests().find(({ scenario }) => scenario === 'small, arrived broken')!;
  const { runId } = await system.client.start(workflow, input);
  expect((await system.client.settled(runId)).status).toBe('completed');
  // A stop sends what is folded; it does not read on.
  if (environment.OTEL_TRACES_SAMPLER !== 'always_off')
    await eventually('the run to be told', () =>
      collector.ofRun(runId).some(({ name }) => name === `invoke_workflow ${workflow}`),
    );
  expect(await system.stop()).toBe('SIGTERM');
  return runId;
}

test.each([
  ['http/json', () => collector.url],
  ['http/protobuf', () => collector.url],
  ['grpc', () => collector.grpcUrl],
])(
  'traces, metrics and logs go out over %s, and what is left goes out with the stop',
  async (protocol, url) => {
    await workAndStop({ OTEL_EXPORTER_OTLP_ENDPOINT: url(), OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
    expect([...collector.protocols]).toEqual([protocol]);
    expect(collector.points.map(({ name }) => name)).toContain('process.memory.usage');
    expect(collector.logs.map(({ body }) => body)).toContain('claimed');
    const [claimed] = collector.logs.filter(({ body }) => body === 'claimed');
    expect(claimed).toMatchObject({ severity: 'INFO', attributes: { topic: expect.any(String) } });
  },
);

test('the resource is what the variables and the detectors say; folded spans stay with the service that did the work', async () => {
  const runId = await workAndStop({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'refunds',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.namespace=shop',
    OTEL_NODE_RESOURCE_DETECTORS: 'env,process',
  });
  const given = { 'deployment.environment.name': 'test', 'service.namespace': 'shop' };
  for (const { resource } of [...collector.points, ...collector.logs])
    expect(resource).toMatchObject({
      ...given,
      'service.name': 'refunds',
      'service.version': '0.1.0',
      'process.pid': expect.any(Number),
    });
  expect(collector.points.length).toBeGreaterThan(0);
  const spans = collector.ofRun(runId);
  for (const { resource } of spans) expect(resource).toMatchObject(given);
  expect(new Set(spans.map(({ service }) => service))).toEqual(
    new Set(['gateway', 'orchestrator', 'policy', 'tool-executor']),
  );
});

test('each signal has its own exporter, and the sampler decides about traces', async () => {
  await workAndStop({
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${collector.url}/v1/metrics`,
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_METRIC_EXPORT_INTERVAL: '100',
    OTEL_METRIC_EXPORT_TIMEOUT: '100',
  });
  expect(collector.spans).toEqual([]);
  expect(collector.logs).toEqual([]);
  expect(collector.points.filter(({ name }) => name === 'process.uptime').length).toBeGreaterThan(3);
});

test('a disabled SDK exports nothing, and says nothing about it', async () => {
  const system = await start({
    OTEL_SDK_DISABLED: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  await system.stop();
  expect(collector.requests).toBe(0);
  expect(system.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
});

test('a collector that is not there is a warning, and holds up neither the start nor the stop', async () => {
  const { url } = collector;
  await collector.stop();
  const system = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  const stoppingAt = performance.now();
  expect(await system.stop()).toBe('SIGTERM');
  expect(performance.now() - stoppingAt).toBeLessThan(10_000);
  const warnings = system.log.filter(({ level }) => Number(level) >= 40);
  expect(warnings.map(({ level }) => level)).toContain(40);
  expect(warnings.filter(({ level }) => level !== 40)).toEqual([]);
  collector = await OtlpCollector.start();
});
