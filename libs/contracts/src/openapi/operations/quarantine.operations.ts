import { quarantinePage, quarantineQuery, redriveBody, redriven } from '../../http/quarantine.js';
import { setAside } from '../examples/quarantine.examples.js';
import { answer, json, type Operation, readRefusals, writeRefusals } from '../operation.js';

export const quarantineOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/quarantine',
    operationId: 'listQuarantine',
    summary: 'Messages that services could not handle, newest first',
    description:
      'Of each partition the latest 1,000. What a message says is not shown. For the role `admin` without a tenant, or of the tenant `*`.',
    query: quarantineQuery,
    answers: { 200: answer('A page', json(quarantinePage, { example: { items: [setAside] } })) },
    refusals: [...readRefusals, 'not-allowed', 'gone'],
  },
  {
    method: 'post',
    path: '/v1/quarantine/{quarantinedId}/redrive',
    operationId: 'redrive',
    summary: 'Puts a command back into its topic, as it was',
    description:
      'After what was wrong has been mended: a service upgraded, a key put back. Its sender is proven again, so a token that has expired meanwhile is refused again. Commands are handled once however often they come. One that fails again is set aside again. What only services write cannot be redriven.',
    body: json(redriveBody, { example: { reason: 'The orchestrator is upgraded' } }),
    answers: {
      202: answer(
        'It is in its topic again',
        json(redriven, {
          example: { id: setAside.id, topic: setAside.topic, partition: setAside.partition },
        }),
      ),
    },
    refusals: [...writeRefusals, 'unknown'],
  },
];
