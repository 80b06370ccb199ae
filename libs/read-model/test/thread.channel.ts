import { MessageChannel } from 'node:worker_threads';
import type { ReadModel } from '../src/read-model.js';
import { RemoteReadModel } from '../src/remote.read-model.js';
import { serverOf } from '../src/thread.server.js';
import { noReport } from './read-model.contract.js';

/** The read model as the gateway's main thread sees it: both sides of the boundary, joined by a real message channel. */
export function acrossThreads(model: ReadModel): RemoteReadModel {
  const { port1, port2 } = new MessageChannel();
  port2.on(
    'message',
    serverOf(port2, model, () => undefined),
  );
  const remote = new RemoteReadModel(port1, noReport);
  port1.on('message', (messages) => remote.hear(messages));
  port1.unref();
  port2.unref();
  return remote;
}
