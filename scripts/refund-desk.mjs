// The order system of examples/refund-desk: a process of its own, started beside Interlock when the example is loaded.
import { join } from 'node:path';
import { supervise } from './supervisor.mjs';

/** Whether the modules to load hold the example. */
export const usesRefundDesk = (env) =>
  (env.INTERLOCK_MODULES ?? (env.INTERLOCK_MODE === 'production' ? '' : 'examples/refund-desk')).includes(
    'refund-desk',
  );

/** Starts it on a free port; resolves with its address once it serves. */
export function startRefundDesk(root, env) {
  const dataDir = env.INTERLOCK_DATA_DIR ?? '.interlock';
  return new Promise((resolve, reject) => {
    const orders = supervise({
      name: 'order system',
      argv: [join(root, 'examples/refund-desk/order-system/main.ts'), join(dataDir, 'refund-desk')],
      env: {
        ...env,
        REFUND_DESK_PORT: env.REFUND_DESK_PORT ?? '0',
        REFUND_DESK_DIR: join(dataDir, 'refund-desk'),
      },
      logFile: join(dataDir, 'logs', 'order-system.log'),
      restart: false,
      onLine: (line) => {
        const url = urlOf(line);
        if (url !== undefined) resolve({ orders, url });
      },
      onExit: (code) =>
        reject(
          new Error(`the order system ended with ${code}: see ${join(dataDir, 'logs', 'order-system.log')}`),
        ),
    });
  });
}

function urlOf(line) {
  try {
    return JSON.parse(line).listening;
  } catch {
    return undefined;
  }
}
