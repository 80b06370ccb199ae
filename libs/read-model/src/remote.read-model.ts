import { errorText } from '@interlock/contracts';
import { EventsGoneError } from './events.gone.js';
import { Outbox } from './outbox.js';
import type { ReadModel } from './read-model.js';
import { ReadModelUnavailableError, readModelClosed } from './read-model.unavailable.js';
import { packRecords } from './record.packing.js';
import type { RecordLog } from './run.histories.js';
import { FilterUnansweredError } from './search/filter.unanswered.js';
import type { FromThread, Method, ReadAsked, ToThread } from './thread.protocol.js';
import type { Port } from './thread.server.js';

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** A read model behind a port; calls are answered in their order. */
export class RemoteReadModel implements ReadModel {
  readonly #pending = new Map<number, Pending>();
  readonly #outbox: Outbox<ToThread>;
  #lastId = 0;
  #ended: Error | undefined;
  #isClosed = false;

  /**
   * @param log what the other side reads records back from
   * @param report what went wrong over there without a caller
   */
  constructor(
    port: Port,
    private readonly log: RecordLog,
    private readonly report: (error: unknown) => void,
  ) {
    this.#outbox = new Outbox(port);
  }

  /** The other side is gone: every call fails from now on. */
  end(error: Error): void {
    this.#ended ??= this.#isClosed ? readModelClosed() : error;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }

  feed: ReadModel['feed'] = (topic, partition, records) => {
    if (this.#isClosed) return;
    const packed = packRecords(records);
    this.#outbox.send({ do: 'feed', topic, partition, packed }, packed);
  };
  accept: ReadModel['accept'] = (start) => {
    if (!this.#isClosed) this.#outbox.send({ do: 'accept', start });
  };
  startOf: ReadModel['startOf'] = (topic, partition) => this.#call('startOf', topic, partition);
  resume: ReadModel['resume'] = () => this.#call('resume');
  drain: ReadModel['drain'] = () => this.#call('drain');
  serve: ReadModel['serve'] = () => this.#call('serve');
  lost: ReadModel['lost'] = (signal) => this.#wait('lost', signal);
  clear: ReadModel['clear'] = () => this.#call('clear');
  run: ReadModel['run'] = (runId) => this.#call('run', runId);
  list: ReadModel['list'] = (request) => this.#call('list', request);
  matching: ReadModel['matching'] = (request) => this.#call('matching', request);
  approval: ReadModel['approval'] = (approvalId) => this.#call('approval', approvalId);
  approvals: ReadModel['approvals'] = (request) => this.#call('approvals', request);
  events: ReadModel['events'] = (...args) => this.#call('events', ...args);
  newEvents: ReadModel['newEvents'] = (runId, after, limit, form, signal) =>
    this.#wait('newEvents', signal, runId, after, limit, form);
  steps: ReadModel['steps'] = (runId, request) => this.#call('steps', runId, request);
  stateAt: ReadModel['stateAt'] = (runId, at) => this.#call('stateAt', runId, at);
  command: ReadModel['command'] = (runId, commandId) => this.#call('command', runId, commandId);
  settled: ReadModel['settled'] = (runId, signal) => this.#wait('settled', signal, runId);
  grown: ReadModel['grown'] = (runId, seq, signal) => this.#wait('grown', signal, runId, seq);
  status: ReadModel['status'] = () => this.#call('status');
  close: ReadModel['close'] = () => {
    const closed = this.#call<void>('close');
    this.#isClosed = true;
    return closed;
  };

  #call<T>(method: Method, ...args: unknown[]): Promise<T> {
    return this.#start<T>(method, args).result;
  }

  /** Resolves with undefined when `signal` comes first. */
  async #wait<T>(method: Method, signal: AbortSignal, ...args: unknown[]): Promise<T> {
    if (signal.aborted) return undefined as T;
    const { id, result } = this.#start<T>(method, args);
    const cancel = () => this.#outbox.send({ do: 'cancel', id });
    signal.addEventListener('abort', cancel, { once: true });
    return result.finally(() => signal.removeEventListener('abort', cancel));
  }

  #start<T>(method: Method, args: readonly unknown[]): { id: number; result: Promise<T> } {
    const id = ++this.#lastId;
    if (this.#ended !== undefined) return { id, result: Promise.reject(this.#ended) };
    if (this.#isClosed) return { id, result: Promise.reject(readModelClosed()) };
    const result = new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject });
    });
    this.#outbox.send({ do: 'call', id, method, args });
    return { id, result };
  }

  /** Takes messages of the other side. */
  hear(messages: readonly FromThread[]): void {
    for (const message of messages) {
      if ('report' in message) this.report(message.report);
      else if ('read' in message) void this.#read(message.id, message.read);
      else this.#answer(message);
    }
  }

  async #read(id: number, { topic, partition, offsets }: ReadAsked): Promise<void> {
    try {
      const packed = packRecords(await this.log.readAt(topic, partition, offsets));
      this.#outbox.send({ do: 'records', id, packed }, packed);
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      this.#outbox.send({ do: 'unread', id, reason: errorText(error), code });
    }
  }

  #answer(message: Answer): void {
    const caller = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('unavailable' in message) caller?.reject(new ReadModelUnavailableError(message.unavailable));
    else if ('gone' in message) caller?.reject(new EventsGoneError(message.gone));
    else if ('unanswered' in message)
      caller?.reject(new FilterUnansweredError(message.unanswered, message.at));
    else if ('error' in message) caller?.reject(new Error(message.error));
    else caller?.resolve(message.result as never);
  }
}

type Answer = Exclude<FromThread, { report: string } | { read: ReadAsked }>;
