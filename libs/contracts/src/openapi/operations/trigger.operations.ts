import { fired, triggerEvent } from '../../http/trigger.js';
import { answer, json, type Operation, writeRefusals } from '../operation.js';

export const triggerOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/triggers/{name}',
    operationId: 'fireTrigger',
    summary: 'An event of another system starts a run, tells one, or answers a question',
    description:
      'What it does is said by the published artifact of the kind `trigger`. It bears no token: the headers `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature` (`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body` with the secret of the trigger) prove it, as in Standard Webhooks. Events with the same key are one: the answer to a repeat names the same run. 401: not signed with the secret, or older than the window.',
    isPublic: true,
    body: json(triggerEvent, { example: { type: 'order.paid', order: { id: 'ord-18' } } }),
    answers: {
      202: answer(
        'Taken',
        json(fired, {
          examples: {
            started: { value: { outcome: 'started', runId: '3f0f8a52-1c1e-8d8a-9a4e-6f3f1f1c9b11' } },
            'passed over by the filter': { value: { outcome: 'ignored' } },
          },
        }),
      ),
    },
    refusals: [...writeRefusals, 'unknown', 'refused'],
  },
];
