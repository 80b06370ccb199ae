import { z } from 'zod';
import { feedLine, feedPage, feedQuery } from '../../http/feed.js';
import { fed, feedPosition } from '../examples/feed.examples.js';
import { answer, eventStream, json, ndjson, type Operation, readRefusals } from '../operation.js';

/** What happens in all runs. */
export const feedOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/events',
    operationId: 'followEvents',
    summary: 'What happens in all runs of the tenant, from a position on',
    description:
      'An `auditor` of the tenant `*` reads all tenants. Each event comes once, those of a run in the order of `seq`; between runs there is no order. Data are shown as on the audit stream: what is classified is left out. A `position` belongs to this log, and stays valid over restarts and on every gateway. `application/json` is a page. `application/x-ndjson` is everything up to the present end, and with `follow=true` what comes after it; a line `{position}` comes when nothing else does, and last. `text/event-stream` stays open: `id` is the position, resumable by `Last-Event-ID`. A stream that ends, for whatever reason, is gone on with from the last position it gave.',
    query: feedQuery,
    queryExamples: { from: feedPosition },
    answers: {
      200: answer(
        'Events, and where to go on',
        json(feedPage, { example: { items: [fed], next: feedPosition, more: false } }),
        ndjson(feedLine, { example: fed }),
        eventStream(z.string(), {
          example: `id: ${feedPosition}\nevent: ${fed.type}\ndata: ${JSON.stringify(fed)}\n\n`,
        }),
      ),
    },
    refusals: [...readRefusals, 'not-allowed', 'conflict', 'gone'],
  },
];
