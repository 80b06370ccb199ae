import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { EmittedSpans } from './emitted.spans.js';

const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

/** An exporter whose collector answers so. */
const answering = (error?: Error & { code?: number | string }): SpanExporter => ({
  export: (_spans, done) => done(error === undefined ? { code: 0 } : { code: 1, error }),
  shutdown: async () => {},
});
const failure = (code?: number | string) => Object.assign(new Error('no'), { code });

function tracerOf(exporter: SpanExporter) {
  const spans = new EmittedSpans([exporter]);
  const provider = new TracerProvider({ spanProcessors: [spans], idGenerator: spans });
  return { spans, tracer: provider.getTracer('test'), provider };
}

test('a span that is emitted has the ids it was given and goes only where it is sent', async () => {
  const exporter = new InMemorySpanExporter();
  const { spans, tracer, provider } = tracerOf(exporter);
  const emitted = spans.emit(ids, () => tracer.startSpan('emitted').end());
  expect(emitted?.spanContext()).toMatchObject(ids);
  await provider.forceFlush();
  expect(exporter.getFinishedSpans()).toEqual([]);
  expect(await spans.send(emitted === undefined ? [] : [emitted])).toEqual({ outcome: 'taken' });
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['emitted']);
});

test('any other span gets ids by chance and goes out with its batch', async () => {
  const exporter = new InMemorySpanExporter();
  const { spans, tracer, provider } = tracerOf(exporter);
  spans.emit(ids, () => tracer.startSpan('emitted').end());
  const span = tracer.startSpan('own');
  expect(span.spanContext().traceId).not.toBe(ids.traceId);
  expect(trace.isSpanContextValid(span.spanContext())).toBe(true);
  span.end();
  await provider.forceFlush();
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['own']);
});

test.each([
  ['a collector that takes them', undefined, 'taken'],
  ['one that is not there', failure('ECONNREFUSED'), 'later'],
  ['one that asks to wait until the SDK gives up', failure(), 'later'],
  ['one that refuses them over HTTP', failure(400), 'refused'],
  ['one that is unavailable over gRPC', failure(14), 'later'],
  ['one that refuses them over gRPC', failure(3), 'refused'],
])('%s', async (_collector, error, outcome) => {
  expect(await new EmittedSpans([answering(error)]).send([])).toMatchObject({ outcome });
});

test('spans are with all collectors or are sent again', async () => {
  const spans = new EmittedSpans([answering(), answering(failure(400)), answering(failure('ETIMEDOUT'))]);
  expect(await spans.send([])).toEqual({ outcome: 'later', because: 'ETIMEDOUT no' });
});
