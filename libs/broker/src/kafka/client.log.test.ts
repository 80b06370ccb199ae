import { expect, test } from 'vitest';
import { levelOf } from './client.log.js';

const line = (namespace: string, message: string, fields: Record<string, unknown> = {}) => ({
  namespace,
  log: { timestamp: '2026-11-22T09:15:00.120Z', message, ...fields },
});

test.each([
  ['Connection', 'Connection error: connect ECONNREFUSED 127.0.0.1:9092', {}],
  ['Connection', 'Connection timeout', {}],
  ['Connection', 'Response Metadata(key: 3, version: 6)', { error: 'There is no leader for this partition' }],
  ['RequestQueue', 'Response without match', {}],
  ['BrokerPool', 'Failed to connect to broker, reconnecting', { retryCount: 0, retryTime: 300 }],
])('%s: "%s" is for whoever debugs a connection', (namespace, message, fields) => {
  expect(levelOf(line(namespace, message, fields))).toBe('debug');
});

test.each([
  ['BrokerPool', 'Failed to connect to seed broker, trying another broker from the list', { retryCount: 2 }],
  ['Cluster', 'Failed to find group coordinator', {}],
])('%s: "%s" is a retry', (namespace, message, fields) => {
  expect(levelOf(line(namespace, message, fields))).toBe('info');
});

test('a cluster that refuses who we are is an error: no retry mends it', () => {
  expect(levelOf(line('SaslAuthenticator-PLAIN', 'SASL PLAIN authentication failed'))).toBe('error');
});
