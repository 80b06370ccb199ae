import { artifactPage, listArtifactsQuery, publishAnswer, publishBody } from '../../http/artifact.js';
import { artifactHash } from '../examples/run.examples.js';
import { answer, json, type Operation, readRefusals, writeRefusals } from '../operation.js';

export const artifactOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/artifacts',
    operationId: 'publishArtifact',
    summary: 'Publishes a workflow, tool manifest, policy bundle, table, prompt or schema',
    headers: ['Interlock-Proof'],
    body: json(publishBody, {
      example: {
        kind: 'table',
        name: 'refund-rules',
        version: 2,
        document: { rules: [{ when: 'input.amount < 50', output: { outcome: 'refund' } }] },
      },
    }),
    answers: { 201: answer('Published', json(publishAnswer, { example: { hash: artifactHash } })) },
    refusals: [...writeRefusals, 'refused'],
  },
  {
    method: 'get',
    path: '/v1/artifacts',
    operationId: 'listArtifacts',
    summary: 'Published artifacts',
    query: listArtifactsQuery,
    answers: {
      200: answer(
        'A page, by kind, name and version',
        json(artifactPage, {
          example: {
            items: [
              {
                kind: 'workflow',
                name: 'refund-request',
                version: 1,
                hash: artifactHash,
                publishedBy: 'olga',
              },
            ],
          },
        }),
      ),
    },
    refusals: readRefusals,
  },
];
