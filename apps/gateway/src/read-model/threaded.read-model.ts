import { Worker } from 'node:worker_threads';
import type { ReadModel } from './read-model.js';
import { packRecords } from './record.packing.js';
import type { FromThread, Method, ThreadData, ToThread } from './thread.protocol.js';

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The read model in a thread of its own.
 * @param report what went wrong in the thread without a caller: a failed write; its end
 */
export function threadedReadModel(path: string, report: (error: unknown) => void): ReadModel {
  const workerData: ThreadData = { path };
  const worker = new Worker(new URL('./read-model.worker.js', import.meta.url), { workerData });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let ended: Error | undefined;

  const post = (message: ToThread, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);
  const call = <T>(method: Method, ...args: unknown[]): Promise<T> => start<T>(method, args).result;
  const wait = async <T>(method: Method, signal: AbortSignal, ...args: unknown[]): Promise<T | undefined> => {
    if (signal.aborted) return undefined;
    const { id, result } = start<T>(method, args);
    const cancel = () => post({ do: 'cancel', id });
    signal.addEventListener('abort', cancel, { once: true });
    return result.finally(() => signal.removeEventListener('abort', cancel));
  };

  function start<T>(method: Method, args: readonly unknown[]): { id: number; result: Promise<T> } {
    const id = ++lastId;
    const result = new Promise<T>((resolve, reject) => {
      if (ended !== undefined) reject(ended);
      pending.set(id, { resolve: resolve as Pending['resolve'], reject });
    });
    post({ do: 'call', id, method, args });
    return { id, result };
  }

  function end(error: Error): void {
    ended = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  worker.on('message', (message: FromThread) => {
    if ('report' in message) return report(message.report);
    const caller = pending.get(message.id);
    pending.delete(message.id);
    if ('error' in message) caller?.reject(new Error(message.error));
    else caller?.resolve(message.result as never);
  });
  worker.on('error', (error) => {
    report(error);
    end(error instanceof Error ? error : new Error(String(error)));
  });
  worker.on('exit', () => end(new Error('the thread of the read model has ended')));

  return {
    feed(topic, partition, records) {
      const packed = packRecords(records);
      post({ do: 'feed', topic, partition, packed }, [packed]);
    },
    accept: (accepted) => post({ do: 'accept', start: accepted }),
    startOf: (topic, partition) => call('startOf', topic, partition),
    clear: () => call('clear'),
    run: (runId) => call('run', runId),
    list: (request) => call('list', request),
    events: (runId, after, limit, form) => call('events', runId, after, limit, form),
    stateAt: (runId, at) => call('stateAt', runId, at),
    settled: (runId, signal) => wait('settled', signal, runId),
    grown: async (runId, seq, signal) => {
      await wait('grown', signal, runId, seq);
    },
    status: () => call('status'),
    close: () => call('close'),
  };
}
