import { liftBody, liftVoteBody, stop, stopBody, stopList } from '../../http/stop.js';
import { inForce, lifted, lifting } from '../examples/stop.examples.js';
import { answer, json, type Operation, readRefusals, writeRefusals } from '../operation.js';

export const stopOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/control/stops',
    operationId: 'stopCalls',
    summary: 'The kill switch: what it names starts no more until it is lifted',
    description:
      'Needs the role operator or admin; with a tenant, the scope of that tenant. The 202 comes after the stop is in `control.events` and no process may have missed it any more: from then on nothing new starts. What has started goes on. Stopped calls park: their runs wait (`waitingFor.kind: "stop"`) and go on by themselves once the stop is lifted; the clocks of steps and runs go on meanwhile.',
    body: json(stopBody, {
      examples: {
        'a tool': { value: { scope: { tool: 'refunds.create' }, reason: 'The bank answers twice.' } },
        everything: {
          value: { scope: { all: true }, compensations: true, reason: 'We do not know what is going on.' },
        },
      },
    }),
    answers: { 202: answer('In force', json(stop, { example: inForce })) },
    refusals: writeRefusals,
  },
  {
    method: 'get',
    path: '/v1/control/stops',
    operationId: 'listStops',
    summary: 'Stops, newest first',
    description:
      'All that are in force, and the newest 200 that are lifted. With a tenant: not those of other tenants.',
    answers: { 200: answer('All of them', json(stopList, { example: { items: [inForce, lifted] } })) },
    refusals: readRefusals,
  },
  {
    method: 'delete',
    path: '/v1/control/stops/{stopId}',
    operationId: 'liftStop',
    summary: 'Wants a stop lifted',
    description:
      'In development that lifts it; in production two different people have to want it, of whom whoever has stopped it may be one. Needs what stopping needs.',
    body: { ...json(liftBody, { example: { reason: 'The bank is well again.' } }), isOptional: true },
    answers: {
      202: answer(
        'On record',
        json(stop, {
          examples: { 'one more is needed': { value: lifting }, lifted: { value: lifted } },
        }),
      ),
    },
    refusals: [...writeRefusals, 'unknown'],
  },
  {
    method: 'post',
    path: '/v1/control/stops/{stopId}/votes',
    operationId: 'voteOnLift',
    summary: 'The second person who lifts a stop, or says no',
    description: 'A no voids what was said before it. 409: it is lifted, or you have said so already.',
    body: json(liftVoteBody, { example: { vote: 'approve', reason: 'Tried it with one cent.' } }),
    answers: { 202: answer('On record', json(stop, { example: lifted })) },
    refusals: [...writeRefusals, 'unknown'],
  },
];
