import { migrationPlan, migrationQuery } from '../../http/migration.js';
import { planned } from '../examples/migration.examples.js';
import { answer, json, type Operation, readRefusals } from '../operation.js';

/** What would become of a run as another version of its workflow says. */
export const runMigrationOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/runs/{runId}/migration',
    operationId: 'planMigration',
    summary: 'What would become of a run if it were migrated',
    description:
      'Writes nothing. The command `migrate` decides by the same rules on the run as it is then; `lastSeq` says up to where it was read here.',
    query: migrationQuery,
    queryExamples: { version: '2', map: 'notify=tell' },
    answers: { 200: answer('Step by step', json(migrationPlan, { example: planned })) },
    refusals: [...readRefusals, 'not-allowed', 'unknown', 'gone'],
  },
];
