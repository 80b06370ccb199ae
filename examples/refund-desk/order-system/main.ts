import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { OrderStore } from './order-store.ts';
import { defaultSeed } from './orders.ts';
import { RequestLog } from './request-log.ts';
import { orderServer } from './server.ts';

/**
 * The shop's order system, a process of its own:
 *
 *   node examples/refund-desk/order-system/main.ts [DIRECTORY]
 *
 * DIRECTORY (default `.interlock/refund-desk`) holds `orders.sqlite` and `requests.jsonl`. REFUND_DESK_HOST (default 127.0.0.1), REFUND_DESK_PORT (default 7410; 0: any
 * free one), REFUND_DESK_SEED, REFUND_DESK_DELAY_MS (answers to writes wait, default 0). Prints one line of JSON when it listens.
 */
const directory = process.argv[2] ?? '.interlock/refund-desk';
const host = process.env.REFUND_DESK_HOST ?? '127.0.0.1';
const port = wholeNumber('REFUND_DESK_PORT', 7410);
const seed = wholeNumber('REFUND_DESK_SEED', defaultSeed);
const delayMs = wholeNumber('REFUND_DESK_DELAY_MS', 0);

mkdirSync(directory, { recursive: true });
const store = new OrderStore(join(directory, 'orders.sqlite'), seed);
const server = orderServer(store, new RequestLog(join(directory, 'requests.jsonl')), delayMs);

server.on('error', (error) => {
  process.stderr.write(`the order system cannot listen: ${error.message}\n`);
  process.exit(1);
});
server.listen(port, host, () => {
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  process.stdout.write(`${JSON.stringify({ listening: url, directory, seed })}\n`);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(() => {
      store.close();
      process.exit(0);
    });
    server.closeAllConnections();
  });
}

function wholeNumber(name: string, otherwise: number): number {
  const text = process.env[name];
  const value = text === undefined || text === '' ? otherwise : Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  process.stderr.write(`${name} must be a whole number, not ${text}\n`);
  process.exit(2);
}
