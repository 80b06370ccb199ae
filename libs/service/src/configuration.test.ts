import { expect, test } from 'vitest';
import { ConfigurationError, readConfiguration } from './configuration.js';
import { principalProblem } from './production.js';

test('an empty environment is a working laptop', () => {
  const configuration = readConfiguration({});
  expect(configuration).toMatchObject({
    INTERLOCK_PORT: 7400,
    INTERLOCK_MODE: 'development',
    clockSkewMs: 0,
  });
  expect(configuration.KAFKA_BROKERS).toBeUndefined();
});

test('large values have a folder on the embedded log, and on Kafka only what is said', () => {
  expect(readConfiguration({ INTERLOCK_DATA_DIR: '/data' }).INTERLOCK_STORE_URL).toBe('file:///data/values');
  expect(readConfiguration({ KAFKA_BROKERS: 'a:9092' }).INTERLOCK_STORE_URL).toBeUndefined();
});

test('an address of a store that cannot be one ends the start, and so do missing credentials', () => {
  const of = (INTERLOCK_STORE_URL: string) => () => readConfiguration({ INTERLOCK_STORE_URL });
  expect(of('gs://bucket')).toThrow('INTERLOCK_STORE_URL: is `file:FOLDER`');
  expect(of('s3://bucket?zone=1')).toThrow('it knows no zone');
  expect(of('s3://bucket')).toThrow('needs AWS_ACCESS_KEY_ID');
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

/** What production takes. */
const sound = {
  KAFKA_BROKERS: 'broker.example:9092',
  KAFKA_SSL: 'true',
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  INTERLOCK_JWT_ISSUER: 'https://issuer.example',
  INTERLOCK_JWT_AUDIENCE: 'interlock-production',
};

test.each([
  ['development', 'http://issuer.example/keys', true],
  ['production', 'https://issuer.example/keys', true],
  ['production', 'http://127.0.0.1:8080/keys', true],
  ['production', 'http://issuer.example/keys', false],
  ['production', 'http://127.0.0.1.example/keys', false],
  ['production', 'http://localhost:x@issuer.example/keys', false],
  ['development', 'ftp://issuer.example/keys', false],
])('in %s the keys of the issuer may come from %s: %s', (INTERLOCK_MODE, INTERLOCK_JWKS_URL, may) => {
  const read = () => readConfiguration({ ...sound, INTERLOCK_MODE, INTERLOCK_JWKS_URL });
  if (may) expect(read).not.toThrow();
  else expect(read).toThrow(/INTERLOCK_JWKS_URL/);
});

test('how much one identity may ask depends on the mode, unless it is set', () => {
  const rates = (environment: Record<string, string>) => {
    const { INTERLOCK_RATE_READS, INTERLOCK_RATE_WRITES } = readConfiguration({ ...sound, ...environment });
    return [INTERLOCK_RATE_READS, INTERLOCK_RATE_WRITES];
  };
  expect(rates({})).toEqual([5_000, 5_000]);
  expect(rates({ INTERLOCK_MODE: 'production' })).toEqual([1_000, 500]);
  expect(rates({ INTERLOCK_MODE: 'production', INTERLOCK_RATE_WRITES: '0' })).toEqual([1_000, 0]);
});

test('the example is the default for looking around, and refused in production', () => {
  const modules = (environment: Record<string, string>) =>
    readConfiguration({ ...sound, ...environment }).INTERLOCK_MODULES;
  expect(modules({})).toEqual(['examples/refund-desk/module.ts']);
  expect(modules({ INTERLOCK_MODE: 'production' })).toEqual([]);
  for (const INTERLOCK_MODULES of [
    'examples/refund-desk',
    'mine.ts,/opt/interlock/examples/refund-desk/module.ts',
  ])
    expect(() => modules({ INTERLOCK_MODE: 'production', INTERLOCK_MODULES })).toThrow(/INTERLOCK_MODULES/);
});

test('production does not run on one disk by accident', () => {
  const { KAFKA_BROKERS: _, ...alone } = sound;
  expect(() => readConfiguration({ ...alone, INTERLOCK_MODE: 'production' })).toThrow(/KAFKA_BROKERS/);
  const meant = { ...alone, INTERLOCK_MODE: 'production', INTERLOCK_EMBEDDED_IN_PRODUCTION: 'yes' };
  expect(readConfiguration(meant).INTERLOCK_MODE).toBe('production');
});

const here = { KAFKA_BROKERS: '127.0.0.1:9092', KAFKA_SSL: 'false', KAFKA_SASL_MECHANISM: '' };

test.each<[string, Record<string, string>]>([
  ['KAFKA_SSL', { KAFKA_SSL: 'false' }],
  ['KAFKA_SASL_MECHANISM', { KAFKA_SASL_MECHANISM: '' }],
  ['KAFKA_SSL', here],
  ['KAFKA_SASL_MECHANISM', here],
  ['KAFKA_REPLICATION_FACTOR', { KAFKA_REPLICATION_FACTOR: '1' }],
  ['INTERLOCK_JWT_ISSUER', { INTERLOCK_JWT_ISSUER: '' }],
  ['INTERLOCK_JWT_AUDIENCE', { INTERLOCK_JWT_AUDIENCE: 'interlock' }],
  ['REDIS_URL', { REDIS_URL: 'redis://:secret@redis.example' }],
  ['REDIS_URL', { REDIS_URL: 'rediss://redis.example' }],
  ['INTERLOCK_HOST', { INTERLOCK_HOST: '0.0.0.0' }],
  [
    'KAFKA_SSL',
    {
      ...here,
      KAFKA_BROKERS: '127.0.0.1:9092,broker.example:9092',
      INTERLOCK_PLAINTEXT_KAFKA_ON_LOOPBACK: 'yes',
    },
  ],
])('production refuses by the name of %s: %j', (name, change) => {
  expect(() => readConfiguration({ ...sound, ...change, INTERLOCK_MODE: 'production' })).toThrow(
    new RegExp(`  ${name}: .*production`),
  );
  expect(() => readConfiguration({ ...sound, ...change })).not.toThrow();
});

test.each<[Record<string, string>]>([
  [{}],
  [{ INTERLOCK_HOST: '0.0.0.0', INTERLOCK_TLS: 'terminated' }],
  [{ REDIS_URL: 'rediss://:secret@redis.example' }],
  [{ REDIS_URL: 'redis://127.0.0.1:6379' }],
  [{ KAFKA_REPLICATION_FACTOR: '1', INTERLOCK_REPLICATION_UNDER_3: 'yes' }],
  [{ ...here, INTERLOCK_PLAINTEXT_KAFKA_ON_LOOPBACK: 'yes' }],
])('production runs with %j', (change) => {
  expect(() => readConfiguration({ ...sound, ...change, INTERLOCK_MODE: 'production' })).not.toThrow();
});

test('in production every problem is named at once', () => {
  const wrong = {
    KAFKA_BROKERS: 'broker.example:9092',
    INTERLOCK_HOST: '0.0.0.0',
    INTERLOCK_MODE: 'production',
  };
  expect(() => readConfiguration(wrong)).toThrow(
    /INTERLOCK_JWT_ISSUER.*INTERLOCK_JWT_AUDIENCE.*KAFKA_SSL.*KAFKA_SASL_MECHANISM.*INTERLOCK_HOST/s,
  );
});

test('a Kafka user that bears the name of another service is refused', () => {
  expect(principalProblem('policy', 'prod-policy')).toBeUndefined();
  expect(principalProblem('policy', undefined)).toBeUndefined();
  expect(principalProblem('policy', 'interlock')).toContain('policy would connect as interlock');
  for (const service of ['policy', 'approval'] as const)
    expect(principalProblem(service, 'policy-and-approval')).toContain('no other service’s');
});
