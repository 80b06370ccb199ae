export { BULK_EFFECT, type BulkDone, type BulkItem, bulkItems } from './bulk.js';
export type { OpenBulk } from './bulk.state.js';
