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

test('the keys of the issuer come from one place', () => {
  const both = { INTERLOCK_JWKS_FILE: 'keys.json', INTERLOCK_JWKS_URL: 'https://issuer.example/keys' };
  expect(() => readConfiguration(both)).toThrow(/INTERLOCK_JWKS_URL: give it or/);
  expect(() => readConfiguration({ INTERLOCK_JWKS_URL: 'ftp://x/y' })).toThrow(/INTERLOCK_JWKS_URL/);
});

test('production does not run on one disk by accident', () => {
  expect(() => readConfiguration({ INTERLOCK_MODE: 'production' })).toThrow(/KAFKA_BROKERS/);
  const meant = { INTERLOCK_MODE: 'production', INTERLOCK_EMBEDDED_IN_PRODUCTION: 'yes' };
  expect(readConfiguration(meant).INTERLOCK_MODE).toBe('production');
});
