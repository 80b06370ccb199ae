import { EventsGoneError } from './events.gone.js';
import type { LogOverPort } from './log.over.port.js';
import { Outbox } from './outbox.js';
import type { ReadModel } from './read-model.js';
import { ReadModelUnavailableError } from './read-model.unavailable.js';
import { unpackRecords } from './record.packing.js';
import { FilterUnansweredError } from './search/filter.unanswered.js';
import { type FromThread, type ToThread, waits } from './thread.protocol.js';

/** The part of a message port that both sides use. */
export interface Port {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
}

/**
 * Takes messages of the other side, in order, and answers calls through `port`.
 * @param log what `model` reads records back from
 * @param closed called after `close` was answered
 */
export function serverOf(
  port: Port,
  model: ReadModel,
  log: LogOverPort,
  closed: () => void,
): (messages: readonly ToThread[]) => void {
  const outbox = new Outbox<FromThread>(port);
  const answer = (message: FromThread) => outbox.send(message);
  const waiting = new Map<number, AbortController>();

  async function call({ id, method, args }: Extract<ToThread, { do: 'call' }>): Promise<void> {
    const aborted = new AbortController();
    if (waits.has(method)) waiting.set(id, aborted);
    try {
      const ask = model[method] as (...args: unknown[]) => Promise<unknown>;
      const result = await ask.apply(model, waits.has(method) ? [...args, aborted.signal] : [...args]);
      answer({ id, result });
    } catch (error) {
      if (error instanceof ReadModelUnavailableError) answer({ id, unavailable: error.reason });
      else if (error instanceof EventsGoneError) answer({ id, gone: error.message });
      else if (error instanceof FilterUnansweredError)
        answer({ id, unanswered: error.message, at: error.at });
      else answer({ id, error: textOf(error) });
    } finally {
      waiting.delete(id);
    }
    if (method === 'close') setImmediate(closed);
  }

  const take = (message: ToThread): unknown => {
    switch (message.do) {
      case 'feed':
        return model.feed(message.topic, message.partition, unpackRecords(message.packed));
      case 'accept':
        return model.accept(message.start);
      case 'cancel':
        return waiting.get(message.id)?.abort();
      case 'call':
        return void call(message);
      case 'records':
      case 'unread':
        return log.hear(message);
    }
  };
  return (messages) => {
    for (const message of messages) take(message);
  };
}

export const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
