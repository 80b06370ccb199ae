import type { BulkItem, BulkSummary } from '../../http/bulk.js';
import { runId } from './run.examples.js';

export const bulkId = '5f2b0c3d4e5f60718293a4b5c6d7e8f9';

export const bulk: BulkSummary = {
  bulkId,
  by: 'olga',
  at: '2026-11-22T09:15:00.120Z',
  filter: 'run.status == "waiting" && run.search.order.startsWith("ord-9")',
  reason: 'The shop has closed',
  command: 'cancel',
  matched: 312,
  given: true,
};

export const bulkItems: readonly BulkItem[] = [
  { runId, commandId: `bulk/${bulkId}/${runId}`, result: 'done' },
  {
    runId: '0198c7f2-2f3a-8d11-9b55-5f1c2a7be002',
    commandId: `bulk/${bulkId}/0198c7f2-2f3a-8d11-9b55-5f1c2a7be002`,
    result: 'refused',
    code: 'run.ended',
    message: 'the run had ended: it is completed',
  },
];
