// The order system of examples/refund-desk: a process of its own, started beside Interlock when the example is loaded.
import { join } from 'node:path';
import { openLogFile } from './log.file.mjs';
import { parsed } from './log.lines.mjs';
import { supervise } from './supervisor.mjs';

/** Whether the modules to load hold the example. */
export const usesRefundDesk = (env) =>
  (env.INTERLOCK_MODULES || (env.INTERLOCK_MODE === 'production' ? '' : 'examples/refund-desk')).includes(
    'refund-desk',
  );

/** It is another system: it sees nothing of what Interlock alone may know. */
const ownOf = (env) =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => /^(PATH|HOME|TZ|TMPDIR|NODE_.*|REFUND_DESK_.*)$/.test(name)),
  );

/**
 * Starts it on a free port; resolves with its address once it serves, and starts it there again when it dies. Its log is a file in the
 * data directory.
 * @returns {Promise<{ orders: ReturnType<typeof supervise>, url: string }>}
 */
export function startRefundDesk(root, env) {
  const dataDir = env.INTERLOCK_DATA_DIR || '.interlock';
  const logFile = join(dataDir, 'logs', 'order-system.log');
  const log = openLogFile(logFile);
  const own = {
    ...ownOf(env),
    REFUND_DESK_PORT: env.REFUND_DESK_PORT || '0',
  };
  let listening = false;
  return new Promise((resolve) => {
    const orders = supervise({
      name: 'order system',
      argv: [join(root, 'examples/refund-desk/order-system/main.ts'), join(dataDir, 'refund-desk')],
      env: own,
      // Calls that drain still need it: it is stopped after them.
      detached: true,
      onLog: (line) => log.write(line),
      onLine: (line) => {
        const url = parsed(line).listening;
        if (url === undefined) return log.write(line);
        listening = true;
        // Interlock knows this address: it has to come back there.
        own.REFUND_DESK_PORT = new URL(url).port;
        resolve({ orders, url });
      },
      onExit: (code, signal) => {
        const ended = `the order system of the example ended with ${signal ?? code}`;
        log.write(ended);
        if (listening && code !== 2) return;
        process.stderr.write(`${ended}: see ${logFile}\n`);
        if (!listening) process.exit(code === 2 ? 2 : 1);
      },
    });
  });
}
