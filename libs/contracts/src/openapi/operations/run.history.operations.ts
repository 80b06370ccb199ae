import { z } from 'zod';
import { eventPage, stateAt } from '../../http/event.js';
import { exportLine } from '../../http/export.line.js';
import { eventsQuery, stateQuery } from '../../http/run.requests.js';
import { stepPage, stepsQuery } from '../../http/step.js';
import { agentRound, started } from '../examples/event.examples.js';
import { eventHash, runId, steps } from '../examples/run.examples.js';
import { answer, eventStream, json, ndjson, type Operation, readRefusals } from '../operation.js';

/** What happened in a run, and what it was then. */
export const runHistoryOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/runs/{runId}/events',
    operationId: 'listEvents',
    summary: 'What happened in a run',
    description:
      '`text/event-stream` is live and stays open after the end: `id` is the seq, resumable by `Last-Event-ID`. `application/x-ndjson` is the export: every accepted record as stored, one a line, whatever `limit` and `cursor` say, then the values that they name and that are kept outside of the log, and last the head as the service that folds the log has signed it. It waits up to 2 s for one that covers the last event; else the head says where the signed part ends.',
    query: eventsQuery,
    headers: ['Last-Event-ID'],
    answers: {
      200: answer(
        'Events in the order of `seq`',
        json(eventPage, {
          examples: {
            run: { summary: 'A run begins', value: { items: [started] } },
            agent: { summary: 'A round of an agent step', value: { items: agentRound } },
          },
        }),
        ndjson(exportLine, {
          example: {
            key: runId,
            type: 'run.started/1',
            meta: { seq: 1, time: 1_795_338_900_120 },
            metaBase64: 'eyJzZXEiOjEsInRpbWUiOjE3OTUzMzg5MDAxMjB9',
            dataBase64: 'e30=',
            hash: eventHash,
          },
        }),
        eventStream(z.string(), {
          example: `id: 1\nevent: run.started\ndata: ${JSON.stringify(started)}\n\n`,
        }),
      ),
    },
    refusals: [...readRefusals, 'not-allowed', 'unknown', 'conflict', 'gone'],
  },
  {
    method: 'get',
    path: '/v1/runs/{runId}/values/{hash}',
    operationId: 'getValue',
    summary: 'A value of a run that is kept outside of its log',
    description:
      'What an `outputRef` of the run or of its events names, byte for byte; its hash is compared before it is sent. Values lie under the root run: its children share them.',
    answers: { 200: answer('The value', json(z.unknown(), { example: { rows: [] } })) },
    refusals: [...readRefusals, 'not-allowed', 'unknown', 'gone'],
  },
  {
    method: 'get',
    path: '/v1/runs/{runId}/steps',
    operationId: 'listSteps',
    summary: 'The steps of a run, and how each stands',
    description:
      'Every step instance by its path: first the steps of the workflow in the order of the document, then those inside of others as they begin. A page is of one moment; the order never changes, so pages of a run that goes on fit together.',
    query: stepsQuery,
    answers: { 200: answer('Steps', json(stepPage, { example: { items: steps, lastSeq: 9 } })) },
    refusals: [...readRefusals, 'not-allowed', 'unknown', 'gone'],
  },
  {
    method: 'get',
    path: '/v1/runs/{runId}/state',
    operationId: 'stateAt',
    summary: 'The state of a run as it was after one event',
    query: stateQuery,
    answers: {
      200: answer(
        'Folded state and its hash',
        json(stateAt, {
          example: { runId, seq: 4, stateVersion: 1, state: { status: 'running' }, hash: eventHash },
        }),
      ),
    },
    refusals: [...readRefusals, 'not-allowed', 'unknown', 'gone'],
  },
];
