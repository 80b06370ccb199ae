import { bulkAnswer, bulkBody, bulkList, bulkQuery, bulkShown } from '../../http/bulk.js';
import { bulk, bulkId, bulkItems } from '../examples/bulk.examples.js';
import { answer, json, type Operation, readRefusals, writeRefusals } from '../operation.js';

export const bulkOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/bulk',
    operationId: 'orderBulk',
    summary: 'Tells every run that fits a filter the same',
    description:
      'The runs are those that fit now, 10,000 at most; one that begins to fit later is not told. The order is durable when it is answered, goes on after a crash, and reaches each run once: the id of its command follows from `bulkId` and `runId`. Each run judges its command as if it had been given alone. Repeated with the same `commandId` or Idempotency-Key it is the same order. With `dryRun` runs are only counted.',
    headers: ['Idempotency-Key', 'Interlock-Proof'],
    body: json(bulkBody, {
      example: {
        filter: 'run.status == "waiting" && run.search.order.startsWith("ord-9")',
        command: { type: 'cancel', rollback: true },
        reason: 'The shop has closed',
        dryRun: false,
      },
    }),
    answers: { 202: answer('Ordered, or counted', json(bulkAnswer, { example: { bulkId, matched: 312 } })) },
    refusals: [...writeRefusals, 'unknown'],
  },
  {
    method: 'get',
    path: '/v1/bulk',
    operationId: 'listBulk',
    summary: 'The latest bulk orders of the tenant',
    answers: { 200: answer('Newest first, 200 at most', json(bulkList, { example: { items: [bulk] } })) },
    refusals: [...readRefusals, 'not-allowed'],
  },
  {
    method: 'get',
    path: '/v1/bulk/{bulkId}',
    operationId: 'showBulk',
    summary: 'What each run of a bulk order has answered',
    description:
      'Answers are looked up in the runs’ own logs, for a second a request: `counts.open` holds those that are still to be looked up, and falls to 0. 410: which runs an order has told is remembered of the latest orders alone, of 200,000 runs.',
    query: bulkQuery,
    answers: {
      200: answer(
        'The order and a page of its runs',
        json(bulkShown, {
          example: { ...bulk, counts: { open: 0, done: 311, refused: 1 }, items: bulkItems },
        }),
      ),
    },
    refusals: [...readRefusals, 'not-allowed', 'unknown', 'gone'],
  },
];
