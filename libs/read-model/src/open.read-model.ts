import { Worker } from 'node:worker_threads';
import { errorOf } from '@interlock/contracts';
import { placedReadModel } from './placed.read-model.js';
import type { ReadModel } from './read-model.js';
import { RemoteReadModel } from './remote.read-model.js';
import { runFold } from './run.fold.js';
import type { RecordLog } from './run.histories.js';
import type { FromThread, ReadModelPlace } from './thread.protocol.js';

/**
 * The read model in a thread of its own. Sources run uncompiled in tests only, and there it stays in the calling thread.
 * @param log what records are read back from; the calling thread reads for the other one
 * @param report a batch could not be stored; it is tried again with the next one
 * @param failed the thread has ended: end the process
 */
export function openReadModel(
  place: ReadModelPlace,
  log: RecordLog,
  report: (error: unknown) => void,
  failed: (error: Error) => void,
): ReadModel {
  const isCompiled = import.meta.url.endsWith('.js');
  return isCompiled ? threaded(place, log, report, failed) : placedReadModel(place, runFold, log, report);
}

function threaded(
  place: ReadModelPlace,
  log: RecordLog,
  report: (error: unknown) => void,
  failed: (error: Error) => void,
): ReadModel {
  const worker = new Worker(new URL('./read-model.worker.js', import.meta.url), {
    workerData: place,
    name: 'read model',
  });
  const model = new RemoteReadModel(worker, log, report);
  worker.on('message', (messages: readonly FromThread[]) => model.hear(messages));
  worker.on('error', (error) => failed(errorOf(error)));
  worker.on('exit', () => model.end(new Error('the thread of the read model has ended')));
  return model;
}
