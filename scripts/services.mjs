// npm run start:services: one process a service against KAFKA_BROKERS, supervised, one log each. -- --only policy,registry
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startRefundDesk, usesRefundDesk } from './refund-desk.mjs';
import { stopOnSignals, supervise } from './supervisor.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const services = [
  'registry',
  'orchestrator',
  'planner',
  'policy',
  'tool-executor',
  'approval',
  'telemetry',
  'gateway',
];
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const only = values.only?.split(',') ?? services;
const unknown = only.filter((name) => !services.includes(name));
if (unknown.length > 0) fail(`unknown service ${unknown.join(', ')}; known are ${services.join(', ')}`);
if (!process.env.KAFKA_BROKERS)
  fail(
    'KAFKA_BROKERS is not set: start a Kafka with `npm run kafka`, then KAFKA_BROKERS=127.0.0.1:9092 npm run start:services',
  );

const env = { ...process.env };
const dataDir = env.INTERLOCK_DATA_DIR ?? '.interlock';
// One folder for all of them and the command line; what a service keeps of its own can be deleted.
const keysDir = env.INTERLOCK_KEYS_DIR ?? join(dataDir, 'keys');
const running = [];
stopOnSignals(() => running);

if (only.includes('tool-executor') && usesRefundDesk(env) && env.REFUND_DESK_URL === undefined) {
  const { orders, url } = await startRefundDesk(root, env);
  running.push(orders);
  env.REFUND_DESK_URL = url;
  process.stdout.write(`order system ${url}\n`);
}
for (const name of only) {
  const logFile = join(dataDir, 'logs', `${name}.log`);
  const one = supervise({
    name,
    argv: [join(root, 'apps', name, 'dist', 'main.js')],
    env: { ...env, INTERLOCK_DATA_DIR: join(dataDir, name), INTERLOCK_KEYS_DIR: keysDir },
    logFile,
    onLine: (line) => process.stdout.write(`${name} ${line}\n`),
  });
  running.push(one);
  process.stdout.write(`${name} is process ${one.pid}, logs to ${logFile}\n`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
