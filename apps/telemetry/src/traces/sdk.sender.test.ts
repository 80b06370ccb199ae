import { EmittedSpans } from '@interlock/service/otel';
import {
  InMemorySpanExporter,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { SdkSender } from './sdk.sender.js';
import type { FinishedSpan } from './span.js';

const root: FinishedSpan = {
  service: 'orchestrator',
  name: 'invoke_workflow refund',
  kind: 'internal',
  traceId: 'a'.repeat(32),
  spanId: '1'.repeat(16),
  start: 1_500,
  end: 2_250.5,
  attributes: { 'interlock.run.id': 'r', 'interlock.policy.ids': ['p1', 'p2'], 'interlock.step': undefined },
  events: [{ name: 'run.paused', at: 1_600, attributes: { 'interlock.step': 'pay' } }],
};
const leaf: FinishedSpan = {
  ...root,
  service: 'policy',
  name: 'check before pay',
  spanId: '2'.repeat(16),
  parent: { spanId: root.spanId, isRemote: true },
};

function senderOf(sampler?: Sampler, attributeCountLimit?: number) {
  const exporter = new InMemorySpanExporter();
  const outlet = new EmittedSpans([exporter]);
  const provider = new TracerProvider({
    ...(sampler === undefined ? {} : { sampler }),
    ...(attributeCountLimit === undefined ? {} : { spanLimits: { attributeCountLimit } }),
    idGenerator: outlet,
    spanProcessors: [outlet],
  });
  const sender = new SdkSender(outlet, provider.getTracer('interlock'));
  return { sender, received: () => exporter.getFinishedSpans() };
}

test('a span goes out as the log has it: ids, times, parent, events, failure', async () => {
  const { sender, received } = senderOf();
  expect(await sender.send([{ ...leaf, error: 'denied' }])).toEqual({ outcome: 'taken', spans: 1 });
  const [span] = received();
  expect(span?.spanContext()).toMatchObject({ traceId: root.traceId, spanId: leaf.spanId });
  expect(span?.parentSpanContext).toMatchObject({ spanId: root.spanId, isRemote: true });
  expect(span?.startTime).toEqual([1, 500_000_000]);
  expect(span?.endTime).toEqual([2, 250_500_000]);
  expect(span?.attributes).toEqual({
    'interlock.run.id': 'r',
    'interlock.policy.ids': ['p1', 'p2'],
    'error.type': 'denied',
  });
  expect(span?.events).toMatchObject([
    { name: 'run.paused', time: [1, 600_000_000], attributes: { 'interlock.step': 'pay' } },
  ]);
  expect(span?.status).toEqual({ code: 2, message: 'denied' });
});

test('its resource is the service that did the work', async () => {
  const { sender, received } = senderOf();
  await sender.send([leaf, root]);
  expect(received().map(({ resource }) => resource.attributes['service.name'])).toEqual([
    'policy',
    'orchestrator',
  ]);
  expect(received()[0]?.resource.attributes['service.namespace']).toBe('interlock');
});

test('the limits of the SDK apply', async () => {
  const { sender, received } = senderOf(undefined, 1);
  await sender.send([root]);
  expect(received()[0]?.attributes).toEqual({ 'interlock.run.id': 'r' });
  expect(received()[0]?.droppedAttributesCount).toBe(1);
});

/** Traces whose ids are spread over all there are. */
const traces = Array.from({ length: 64 }, (_, n) =>
  (n * 67_108_864).toString(16).padStart(8, '0').padEnd(32, '0').replace(/0$/, '1'),
);

test.each([
  [
    'by the parent and else by the trace id',
    new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.5) }),
  ],
  ['by the trace id alone', new TraceIdRatioBasedSampler(0.5)],
])('a sampler that goes %s keeps a trace whole or not at all', async (_name, sampler) => {
  const { sender, received } = senderOf(sampler);
  // A child ends before its parent.
  const { spans } = await sender.send(
    traces.flatMap((traceId) => [
      { ...leaf, traceId },
      { ...root, traceId },
    ]),
  );
  const kept = traces.map((id) => received().filter((span) => span.spanContext().traceId === id).length);
  expect(new Set(kept)).toEqual(new Set([0, 2]));
  expect(spans).toBe(received().length);
  expect(spans).toBeLessThan(128);
});

test('a trace that its caller keeps is kept, whatever the ratio', async () => {
  const { sender, received } = senderOf(new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0) }));
  await sender.send([{ ...leaf, isContinued: true }, root]);
  expect(received().map(({ name }) => name)).toEqual(['check before pay']);
});
