import { commandAnswer, runCommandBody } from '../../http/run.command.js';
import { run, runPage } from '../../http/run.js';
import { listRunsQuery, startRunBody, startRunQuery } from '../../http/run.requests.js';
import {
  accepted,
  asOf,
  completed,
  input,
  runId,
  waitingForOperator,
  waitingForPeople,
} from '../examples/run.examples.js';
import { answer, json, type Operation, readRefusals, writeRefusals } from '../operation.js';

const commands = {
  cancel: { value: { type: 'cancel', reason: 'The customer withdrew', rollback: false } },
  rollback: { value: { type: 'cancel', reason: 'The customer withdrew', rollback: true } },
  pause: { value: { type: 'pause', reason: 'The bank is closed' } },
  resume: { value: { type: 'resume', reason: 'The bank is open again' } },
  signal: {
    value: {
      type: 'signal',
      reason: 'The parcel came back',
      name: 'returned',
      data: { at: '2026-11-22' },
    },
  },
  retry: { value: { type: 'retry', reason: 'Bank confirms it was not paid', step: 'resolve' } },
  answer: {
    value: {
      type: 'answer',
      reason: 'Told on the phone',
      step: 'address',
      value: { street: 'Kanalweg 3', city: 'Basel' },
    },
  },
  reply: { value: { type: 'reply', question: `${runId}/18`, text: 'The blue one, size 42' } },
  migrate: {
    value: { type: 'migrate', reason: 'The clerk was told twice', version: 2, map: { notify: 'tell' } },
  },
  skip: { value: { type: 'skip', reason: 'Paid by hand', step: 'resolve' } },
} as const;

export const runOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/runs',
    operationId: 'startRun',
    summary: 'Starts a run',
    description:
      'Answered after the command is durable. With an `Idempotency-Key` the run’s id follows from tenant, subject and key: same key and body, same run; other body, 409; a `runId` in the body beside a key is 400.',
    headers: ['Idempotency-Key'],
    query: startRunQuery,
    queryExamples: { wait: '30s' },
    body: json(startRunBody, { example: { workflow: 'refund-request', input } }),
    answers: {
      200: answer(
        'With `wait`: it has ended, or waits',
        json(run, {
          examples: {
            completed: { value: completed },
            waiting: { value: waitingForOperator },
            'waiting for people': { value: waitingForPeople },
          },
        }),
      ),
      202: answer('Accepted and durable', json(run, { example: accepted })),
    },
    refusals: [...writeRefusals, 'unknown', 'refused', 'no-room'],
  },
  {
    method: 'get',
    path: '/v1/runs',
    operationId: 'listRuns',
    summary: 'Runs, newest first',
    description:
      'With `filter` or `words` a page may hold fewer runs than `limit`, or none, and have a `next`: each request looks at a bounded part of an index.',
    query: listRunsQuery,
    queryExamples: {
      filter: 'run.status == "failed" && run.search.order == "ord-1007"',
      words: 'broken lamp',
    },
    answers: { 200: answer('A page', json(runPage, { example: { items: [completed], asOf } })) },
    refusals: [...readRefusals, 'not-allowed'],
  },
  {
    method: 'get',
    path: '/v1/runs/{runId}',
    operationId: 'getRun',
    summary: 'One run',
    answers: { 200: answer('The run', json(run, { example: completed })) },
    refusals: [...readRefusals, 'not-allowed', 'unknown'],
  },
  {
    method: 'post',
    path: '/v1/runs/{runId}/commands',
    operationId: 'commandRun',
    summary: 'Tells a run what to do',
    description:
      'Answered after the command is durable and, within half a second, the run has answered it. What the run refuses is 409, as is what makes no sense for it: anything after its end; `pause` of a paused run, `resume` of one that is not; `cancel`, `pause` and `resume` once it is ending; `retry` and `skip` of a step that does not wait for an operator. While paused a run starts nothing new; what is under way is still answered and recorded. `cancel` with `rollback` undoes the writes that happened, last first.',
    headers: ['Idempotency-Key', 'Interlock-Proof'],
    body: json(runCommandBody, { examples: commands }),
    answers: {
      202: answer(
        'Durable; the run’s log says what came of it',
        json(commandAnswer, { example: { commandId: '0c1b9d0e-7a44-4f0e-8c52-3a7a0f1c9d10', runId } }),
      ),
    },
    refusals: [...writeRefusals, 'unknown', 'gone'],
  },
];
