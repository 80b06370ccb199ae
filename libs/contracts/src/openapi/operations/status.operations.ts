import { z } from 'zod';
import { keySet } from '../../http/key.set.js';
import { answer, json, type Operation, plainText } from '../operation.js';

const metrics =
  '# TYPE interlock_http_requests_total counter\ninterlock_http_requests_total{method="POST",route="/v1/runs",status="202"} 60\n';

const keyId = '5c1b2a7be0018d11';

export const statusOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/healthz',
    operationId: 'health',
    summary: 'The process runs',
    isPublic: true,
    answers: {
      200: answer('It does', json(z.object({ status: z.literal('ok') }), { example: { status: 'ok' } })),
    },
    refusals: [],
  },
  {
    method: 'get',
    path: '/readyz',
    operationId: 'readiness',
    summary: 'Inputs are read and modules published',
    isPublic: true,
    answers: {
      200: answer(
        'Requests are served',
        json(z.object({ status: z.literal('ready') }), { example: { status: 'ready' } }),
      ),
    },
    refusals: ['not-ready'],
  },
  {
    method: 'get',
    path: '/metrics',
    operationId: 'metrics',
    summary: 'Metrics of the process and of what its services count over the log, Prometheus text form',
    isPublic: true,
    answers: { 200: answer('Metrics', plainText(z.string(), { example: metrics })) },
    refusals: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'description',
    summary: 'This document',
    isPublic: true,
    answers: {
      200: answer('OpenAPI 3.1', json(z.looseObject({}), { example: { openapi: '3.1.0' } })),
    },
    refusals: [],
  },
  {
    method: 'get',
    path: '/v1/keys',
    operationId: 'listKeys',
    summary: 'Public keys that exports are checked with',
    description:
      'A JWK set: the key that signs now (`current`) and every one that signed before it, as the service that signs has published them; the gateway signs nothing. Needs no identity. 404: none are published here.',
    isPublic: true,
    answers: {
      200: answer(
        'Ed25519 keys',
        json(keySet, {
          example: {
            current: keyId,
            keys: [
              { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: keyId },
            ],
          },
        }),
      ),
    },
    refusals: ['malformed', 'unknown', 'too-many'],
  },
];
