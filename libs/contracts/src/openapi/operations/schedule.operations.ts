import {
  listSchedulesQuery,
  schedule,
  scheduleBody,
  scheduleChangeBody,
  scheduleList,
  scheduleQuery,
} from '../../http/schedule.js';
import { listedNightly, nightly } from '../examples/schedule.examples.js';
import { answer, json, type Operation, readRefusals, writeRefusals } from '../operation.js';

const RUNS_AS =
  'Its runs start in the name of whoever has said last what they do (workflow, version, input), with the roles and the tenant of then.';

export const scheduleOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/schedules',
    operationId: 'createSchedule',
    summary: 'Starts runs of a workflow again and again',
    description: `Needs the role operator and a tenant of one’s own. ${RUNS_AS} Each due time starts one run, whatever crashes, or is named as skipped. At most 500 a tenant. 409: there is one of this name.`,
    body: json(scheduleBody, {
      examples: {
        'every morning': {
          value: {
            name: 'nightly-report',
            workflow: 'report',
            input: { of: 'yesterday' },
            cron: '0 9 * * MON-FRI',
            timezone: 'Europe/Berlin',
          },
        },
        'every two seconds': {
          value: { name: 'poll', workflow: 'poll', input: {}, every: 'PT2S', overlap: 'queue' },
        },
      },
    }),
    answers: { 201: answer('Created', json(schedule, { example: nightly })) },
    refusals: [...writeRefusals, 'unknown', 'refused'],
  },
  {
    method: 'get',
    path: '/v1/schedules',
    operationId: 'listSchedules',
    summary: 'Schedules with their next times, by name',
    description: 'What its runs are given (`input`) is said by each schedule alone.',
    query: listSchedulesQuery,
    answers: { 200: answer('A page', json(scheduleList, { example: { items: [listedNightly] } })) },
    refusals: [...readRefusals, 'not-allowed'],
  },
  {
    method: 'get',
    path: '/v1/schedules/{name}',
    operationId: 'showSchedule',
    summary: 'One schedule',
    description:
      '409: several tenants that the caller may read have one of this name, and `tenant` says not whose is meant.',
    query: scheduleQuery,
    answers: { 200: answer('As it stands', json(schedule, { example: nightly })) },
    refusals: [...readRefusals, 'not-allowed', 'conflict', 'unknown'],
  },
  {
    method: 'patch',
    path: '/v1/schedules/{name}',
    operationId: 'changeSchedule',
    summary: 'Changes a schedule: what is not named stays',
    description: `\`paused: true\` pauses it: what comes meanwhile is not due. ${RUNS_AS}`,
    body: json(scheduleChangeBody, {
      examples: { pause: { value: { paused: true } }, later: { value: { cron: '30 9 * * MON-FRI' } } },
    }),
    answers: { 200: answer('Changed', json(schedule, { example: nightly })) },
    refusals: [...writeRefusals, 'unknown', 'refused'],
  },
  {
    method: 'delete',
    path: '/v1/schedules/{name}',
    operationId: 'deleteSchedule',
    summary: 'Deletes a schedule; what it has started goes on',
    answers: {
      200: answer('As it was', json(schedule, { example: { ...nightly, status: 'deleted', next: [] } })),
    },
    refusals: [...readRefusals, 'not-allowed', 'conflict', 'unknown'],
  },
];
