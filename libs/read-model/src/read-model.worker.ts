import { parentPort, workerData } from 'node:worker_threads';
import { LogOverPort } from './log.over.port.js';
import { placedReadModel } from './placed.read-model.js';
import { runFold } from './run.fold.js';
import type { FromThread, ReadModelPlace } from './thread.protocol.js';
import { serverOf, textOf } from './thread.server.js';

/** The thread that holds the read model. */
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');

const report = (error: unknown) =>
  port.postMessage([{ id: 0, report: textOf(error) }] satisfies FromThread[]);
const log = new LogOverPort(port);
const model = placedReadModel(workerData as ReadModelPlace, runFold, log, report);
port.on(
  'message',
  serverOf(port, model, log, () => port.close()),
);
