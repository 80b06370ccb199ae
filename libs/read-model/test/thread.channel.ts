import { MessageChannel } from 'node:worker_threads';
import { LogOverPort } from '../src/log.over.port.js';
import type { ReadModel } from '../src/read-model.js';
import { RemoteReadModel } from '../src/remote.read-model.js';
import type { RecordLog } from '../src/run.histories.js';
import { serverOf } from '../src/thread.server.js';
import { fedLog } from './fed.log.js';
import { noReport } from './read-model.contract.js';

/** The read model as the gateway's main thread sees it: both sides of the boundary, joined by a real message channel. */
export function acrossThreads(open: (log: RecordLog) => ReadModel): RemoteReadModel {
  const { port1, port2 } = new MessageChannel();
  const log = new LogOverPort(port2);
  port2.on(
    'message',
    serverOf(port2, open(log), log, () => undefined),
  );
  const remote = new RemoteReadModel(port1, fedLog, noReport);
  port1.on('message', (messages) => remote.hear(messages));
  port1.unref();
  port2.unref();
  return remote;
}
