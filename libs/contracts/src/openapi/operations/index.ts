import type { Operation } from '../operation.js';
import { approvalOperations } from './approval.operations.js';
import { artifactOperations } from './artifact.operations.js';
import { bulkOperations } from './bulk.operations.js';
import { circuitOperations } from './circuit.operations.js';
import { feedOperations } from './feed.operations.js';
import { policyOperations } from './policy.operations.js';
import { quarantineOperations } from './quarantine.operations.js';
import { runHistoryOperations } from './run.history.operations.js';
import { runMigrationOperations } from './run.migration.operations.js';
import { runOperations } from './run.operations.js';
import { scheduleOperations } from './schedule.operations.js';
import { statusOperations } from './status.operations.js';
import { stopOperations } from './stop.operations.js';
import { triggerOperations } from './trigger.operations.js';

/** Every route of the gateway. */
export const operations: readonly Operation[] = [
  ...statusOperations,
  ...runOperations,
  ...runHistoryOperations,
  ...runMigrationOperations,
  ...feedOperations,
  ...bulkOperations,
  ...circuitOperations,
  ...quarantineOperations,
  ...approvalOperations,
  ...artifactOperations,
  ...policyOperations,
  ...stopOperations,
  ...scheduleOperations,
  ...triggerOperations,
];
