import { parentPort, workerData } from 'node:worker_threads';
import { inlineReadModel } from './inline.read-model.js';
import { unpackRecords } from './record.packing.js';
import { runFold } from './run.fold.js';
import { type FromThread, type ThreadData, type ToThread, waits } from './thread.protocol.js';

/** The thread that holds the read model: messages are calls of `ReadModel`, taken in order. */
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');

const answer = (message: FromThread) => port.postMessage(message);
const textOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));
const { path } = workerData as ThreadData;
const model = inlineReadModel(path, runFold, (error) => answer({ id: 0, report: textOf(error) }));
const waiting = new Map<number, AbortController>();

port.on('message', (message: ToThread) => {
  switch (message.do) {
    case 'feed':
      return model.feed(message.topic, message.partition, unpackRecords(message.packed));
    case 'accept':
      return model.accept(message.start);
    case 'cancel':
      return waiting.get(message.id)?.abort();
    case 'call':
      return void call(message);
  }
});

async function call({ id, method, args }: Extract<ToThread, { do: 'call' }>): Promise<void> {
  const aborted = new AbortController();
  if (waits.has(method)) waiting.set(id, aborted);
  try {
    const run = model[method] as (...args: unknown[]) => Promise<unknown>;
    answer({ id, result: await run(...args, ...(waits.has(method) ? [aborted.signal] : [])) });
  } catch (error) {
    answer({ id, error: textOf(error) });
  } finally {
    waiting.delete(id);
  }
  if (method === 'close') port?.close();
}
