import type { Writable } from 'node:stream';
import type { LoggerService } from '@nestjs/common';
import { multistream, pino } from 'pino';

export type Log = ReturnType<typeof pino>;

/**
 * Structured logs of one process: one JSON object a line on standard error, so that standard output stays for answers.
 * @param also gets every line too
 */
export function openLog(service: string, level: string, also?: Writable): Log {
  const stderr = pino.destination({ dest: 2, sync: true });
  const streams = [stderr, ...(also === undefined ? [] : [also])];
  const stream =
    also === undefined ? stderr : multistream(streams.map((one) => ({ level: 'debug', stream: one })));
  return pino({ level, base: { service, pid: process.pid } }, stream);
}

/** Nest logs the failure of a start here and also throws it: the code that starts the application reports it, once and with what to do. */
const thrownToo: ReadonlySet<unknown> = new Set(['NestApplication', 'ExceptionHandler']);

/** Nest's own messages go where everything else goes; its start-up chatter only at debug. */
export function nestLogger(log: Log): LoggerService {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = rest.at(-1);
      const detail = rest.length > 1 ? rest.slice(0, -1) : undefined;
      log[thrownToo.has(context) ? 'debug' : level]({ context, detail }, String(message));
    };
  return { log: at('debug'), error: at('error'), warn: at('warn'), debug: at('debug'), verbose: at('debug') };
}
