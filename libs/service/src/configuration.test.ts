import { expect, test } from 'vitest';
import { ConfigurationError, readConfiguration } from './configuration.js';

test('an empty environment is a working laptop', () => {
  const configuration = readConfiguration({});
  expect(configuration).toMatchObject({
    INTERLOCK_PORT: 7400,
    INTERLOCK_MODE: 'development',
    clockSkewMs: 0,
  });
  expect(configuration.KAFKA_BROKERS).toBeUndefined();
});

test('on Kafka clocks may differ', () => {
  const configuration = readConfiguration({ KAFKA_BROKERS: 'a:9092, b:9092' });
  expect(configuration).toMatchObject({ KAFKA_BROKERS: ['a:9092', 'b:9092'], clockSkewMs: 5_000 });
});

test('every wrong or unknown setting is named in one message', () => {
  const wrong = { INTERLOCK_PORT: 'seven', INTERLOCK_PROT: '1', INTERLOCK_MODE: 'staging' };
  expect(() => readConfiguration(wrong)).toThrow(ConfigurationError);
  expect(() => readConfiguration(wrong)).toThrow(
    /INTERLOCK_PORT: .*\n.*INTERLOCK_MODE: .*\n.*INTERLOCK_PROT: unknown setting/s,
  );
});

test('settings of other programs are nobody’s business here', () => {
  expect(() => readConfiguration({ PATH: '/bin', KAFKA_HEAP_OPTS: '-Xmx1g' })).not.toThrow();
});

test.each([
  ['development', 'http://issuer.example/keys', true],
  ['production', 'https://issuer.example/keys', true],
  ['production', 'http://127.0.0.1:8080/keys', true],
  ['production', 'http://issuer.example/keys', false],
  ['production', 'http://127.0.0.1.example/keys', false],
  ['production', 'http://localhost:x@issuer.example/keys', false],
  ['development', 'ftp://issuer.example/keys', false],
])('in %s the keys of the issuer may come from %s: %s', (INTERLOCK_MODE, INTERLOCK_JWKS_URL, may) => {
  const read = () =>
    readConfiguration({ INTERLOCK_MODE, INTERLOCK_JWKS_URL, KAFKA_BROKERS: 'broker.example:9092' });
  if (may) expect(read).not.toThrow();
  else expect(read).toThrow(/INTERLOCK_JWKS_URL/);
});

test('how much one identity may ask depends on the mode, unless it is set', () => {
  const rates = (environment: Record<string, string>) => {
    const { INTERLOCK_RATE_READS, INTERLOCK_RATE_WRITES } = readConfiguration({
      KAFKA_BROKERS: 'broker.example:9092',
      ...environment,
    });
    return [INTERLOCK_RATE_READS, INTERLOCK_RATE_WRITES];
  };
  expect(rates({})).toEqual([5_000, 5_000]);
  expect(rates({ INTERLOCK_MODE: 'production' })).toEqual([1_000, 500]);
  expect(rates({ INTERLOCK_MODE: 'production', INTERLOCK_RATE_WRITES: '0' })).toEqual([1_000, 0]);
});

test('the example is the default for looking around, and refused in production', () => {
  const modules = (environment: Record<string, string>) =>
    readConfiguration({ KAFKA_BROKERS: 'broker.example:9092', ...environment }).INTERLOCK_MODULES;
  expect(modules({})).toEqual(['examples/refund-desk/module.ts']);
  expect(modules({ INTERLOCK_MODE: 'production' })).toEqual([]);
  for (const INTERLOCK_MODULES of [
    'examples/refund-desk',
    'mine.ts,/opt/interlock/examples/refund-desk/module.ts',
  ])
    expect(() => modules({ INTERLOCK_MODE: 'production', INTERLOCK_MODULES })).toThrow(/INTERLOCK_MODULES/);
});

test('production does not run on one disk by accident', () => {
  expect(() => readConfiguration({ INTERLOCK_MODE: 'production' })).toThrow(/KAFKA_BROKERS/);
  const meant = { INTERLOCK_MODE: 'production', INTERLOCK_EMBEDDED_IN_PRODUCTION: 'yes' };
  expect(readConfiguration(meant).INTERLOCK_MODE).toBe('production');
});
