import { expect, test } from 'vitest';
import { wantedSignals } from './signals.js';

const wanted = (environment: Record<string, string>) => [...wantedSignals(environment)];

test('nothing is exported as long as nobody says where to', () => {
  expect(wanted({})).toEqual([]);
  expect(wanted({ OTEL_RESOURCE_ATTRIBUTES: 'team=refunds', OTEL_EXPORTER_OTLP_ENDPOINT: ' ' })).toEqual([]);
});

test('an endpoint for everything exports all signals, one for a signal only that one', () => {
  expect(wanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' })).toEqual([
    'traces',
    'metrics',
    'logs',
  ]);
  expect(wanted({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://collector:4318/v1/logs' })).toEqual(['logs']);
});

test('an exporter asks for its signal, and none takes it back', () => {
  expect(wanted({ OTEL_METRICS_EXPORTER: 'prometheus' })).toEqual(['metrics']);
  expect(
    wanted({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
    }),
  ).toEqual(['traces']);
});

test('OTEL_SDK_DISABLED turns everything off, however it is spelled', () => {
  for (const disabled of ['true', 'TRUE', ' true '])
    expect(wanted({ OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: 'otlp' })).toEqual([]);
  expect(wanted({ OTEL_SDK_DISABLED: 'false', OTEL_TRACES_EXPORTER: 'otlp' })).toEqual(['traces']);
});
