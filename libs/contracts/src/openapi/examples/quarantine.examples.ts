import type { Quarantined } from '../../http/quarantine.js';
import { runId } from './run.examples.js';

export const setAside: Quarantined = {
  id: 'orchestrator.3.17',
  service: 'orchestrator',
  topic: 'run.commands',
  partition: 3,
  offset: 1204,
  types: ['run.resolve/1'],
  key: runId,
  code: 'message.unknown',
  message: 'run.resolve/1 is not known here',
  at: '2026-11-22T09:15:00.120Z',
  bytes: 412,
  redrivable: true,
};
