import {
  activation,
  activationBody,
  activationList,
  activationVoteBody,
  activePolicy,
} from '../../http/activation.js';
import { active, inForce, pending, reason } from '../examples/activation.examples.js';
import { artifactHash } from '../examples/run.examples.js';
import { answer, json, type Operation, readRefusals, writeRefusals } from '../operation.js';

export const policyOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/policy/active',
    operationId: 'getActivePolicy',
    summary: 'The bundle in force',
    description: '404 before the first activation: everything is denied then.',
    answers: { 200: answer('In force', json(activePolicy, { example: inForce })) },
    refusals: [...readRefusals, 'unknown'],
  },
  {
    method: 'post',
    path: '/v1/policy/activations',
    operationId: 'activatePolicy',
    summary: 'Puts a published bundle into force, or asks a second person to',
    description:
      'Needs the role admin. In production two different people activate a bundle. One is enough for a bundle that was in force before, for the bundle in force with nothing but forbids added, and in development. 404: no such bundle is published. 409: it is in force already, or an activation of it waits for a second person.',
    headers: ['Interlock-Proof'],
    body: json(activationBody, { example: { hash: artifactHash, reason } }),
    answers: {
      202: answer(
        'On record',
        json(activation, {
          examples: { 'one more is needed': { value: pending }, 'in force': { value: active } },
        }),
      ),
    },
    refusals: [...writeRefusals, 'unknown'],
  },
  {
    method: 'get',
    path: '/v1/policy/activations',
    operationId: 'listActivations',
    summary: 'Activations, newest first',
    description: 'All that wait, and the newest 200 that are settled.',
    answers: { 200: answer('All of them', json(activationList, { example: { items: [pending] } })) },
    refusals: readRefusals,
  },
  {
    method: 'post',
    path: '/v1/policy/activations/{activationId}/votes',
    operationId: 'voteOnActivation',
    summary: 'The second person agrees, or somebody says no',
    description:
      'Needs the role admin. The vote names the bundle that the voter has looked at: another hash is 409. So is an activation that is settled, and a second vote of one person. Whoever asked may still say no.',
    headers: ['Interlock-Proof'],
    body: json(activationVoteBody, {
      example: { vote: 'approve', hash: artifactHash, reason: 'Read it.' },
    }),
    answers: { 202: answer('On record', json(activation, { example: active })) },
    refusals: [...writeRefusals, 'unknown'],
  },
];
