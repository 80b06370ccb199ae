import type { FedEvent } from '../../http/feed.js';
import { eventHash, runId } from './run.examples.js';

export const feedPosition = 'AYQKhAorAA';

export const fed: FedEvent = {
  specversion: '1.0',
  id: `${runId}/1`,
  source: '/interlock/run.events',
  type: 'interlock.run.started.v1',
  subject: runId,
  time: '2026-11-22T09:15:00.120Z',
  datacontenttype: 'application/json',
  seq: 1,
  correlationid: runId,
  causationid: `${runId}/start`,
  prevhash: '0'.repeat(64),
  hash: eventHash,
  sourceoffset: 1283,
  sourceepoch: 0,
  sourceindex: 43,
  position: feedPosition,
  data: { commandId: `${runId}/start`, workflow: { name: 'refund-request', version: 1 } },
};
