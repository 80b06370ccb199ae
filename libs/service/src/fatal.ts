import { errorCodeOf, errorText, fieldOf, processExits } from '@interlock/contracts';
import type { Log } from './logger.js';

/** Exit code of a process that ended itself so that its supervisor starts it afresh. */
export const FATAL_EXIT_CODE = processExits.fatal.exit;

/** Exit code of a process that would end the same way again: people have to change something first. */
export const REFUSED_EXIT_CODE = processExits.refused.exit;

/** Exit code of a process whose disk is full: it starts again once there is room, and has lost nothing. */
export const DISK_FULL_EXIT_CODE = processExits['disk-full'].exit;

/** Ends the process: what it holds can no longer be trusted, and everything it needs is in the log. */
export const dieOf =
  (log: Log, what: string) =>
  (error: unknown): never => {
    if (isDiskFull(error)) {
      process.stderr.write(
        `The disk is full: ${errorText(error)}. Make room and start again; what was acknowledged is all there.\n`,
      );
      process.exit(DISK_FULL_EXIT_CODE);
    }
    log.fatal({ what, err: error }, 'this process cannot go on');
    process.exit(FATAL_EXIT_CODE);
  };

const SQLITE_FULL = 13;
/** SQLite's shared memory cannot grow. */
const SQLITE_IOERR_SHMSIZE = 4_874;

/** Whether the error, or what caused it, is that nothing more fits on the disk. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const errcode = fieldOf(error, 'errcode');
  const isFull = errcode === SQLITE_FULL || errcode === SQLITE_IOERR_SHMSIZE;
  return isFull || errorCodeOf(error) === 'ENOSPC' || isDiskFull(error.cause);
}
