import type { KafkaOptions } from './options.js';

type Logger = NonNullable<KafkaOptions['logger']>;

const QUIET_MS = 10_000;
const MESSAGES_MAX = 200;

/**
 * Passes the first of equal messages on, and then one in ten seconds with how many there were: while servers are away every
 * connection says so at every try.
 */
export function sparing(logger: Logger, now: () => number = () => performance.now()): Logger {
  const logged = new Map<string, { at: number; repeats: number }>();
  return (level, message, fields) => {
    const before = logged.get(message);
    const at = now();
    if (before !== undefined && at - before.at < QUIET_MS) {
      before.repeats += 1;
      return;
    }
    if (logged.size >= MESSAGES_MAX) logged.clear();
    logged.set(message, { at, repeats: 0 });
    const repeats = before?.repeats ?? 0;
    logger(level, message, repeats === 0 ? fields : { ...fields, repeats });
  };
}
