import type { Log } from './logger.js';

/** Exit code of a process that ended itself so that its supervisor starts it afresh. */
export const FATAL_EXIT_CODE = 70;

/** Exit code of a process that would end the same way again: people have to change something first. */
export const REFUSED_EXIT_CODE = 2;

/** Ends the process: what it holds can no longer be trusted, and everything it needs is in the log. */
export const dieOf =
  (log: Log, what: string) =>
  (error: unknown): never => {
    log.fatal({ what, err: error }, 'this process cannot go on');
    process.exit(FATAL_EXIT_CODE);
  };
