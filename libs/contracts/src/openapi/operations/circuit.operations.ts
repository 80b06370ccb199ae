import { circuitList } from '../../http/circuit.js';
import { answer, json, type Operation, readRefusals } from '../operation.js';

export const circuitOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/circuits',
    operationId: 'listCircuits',
    summary: 'Tools whose target is away',
    description:
      'Calls of such a tool are held, and one in each interval asks whether the target is back. Each executor process keeps circuits of its own, and tells of an open one at least once a minute. What is held is shown by `waitingFor` of its run.',
    answers: {
      200: answer(
        'Every open circuit, by tool',
        json(circuitList, {
          example: {
            items: [
              {
                tool: 'orders.get',
                toolHash: 'c4ca4238a0b923820dcc509a6f75849b',
                process: '7f9c24e8',
                since: '2026-11-22T09:15:00.120Z',
                failures: 5,
                code: 'transient http_503',
              },
            ],
          },
        }),
      ),
    },
    refusals: [...readRefusals],
  },
];
