// npm run start:services: one process a service against KAFKA_BROKERS, supervised, one log each. -- --only policy,registry
// -- --env DIR: settings of each service alone, such as its Kafka user, from DIR/<service>.env
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startRefundDesk, usesRefundDesk } from './refund-desk.mjs';
import { environmentOf } from './service.environment.mjs';
import { stopOnSignals, supervise } from './supervisor.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const services = [
  'registry',
  'orchestrator',
  'planner',
  'policy',
  'tool-executor',
  'approval',
  'audit',
  'telemetry',
  'gateway',
];
const { values } = parseArgs({ options: { only: { type: 'string' }, env: { type: 'string' } } });
const only = values.only?.split(',') ?? services;
const unknown = only.filter((name) => !services.includes(name));
if (unknown.length > 0) fail(`unknown service ${unknown.join(', ')}; known are ${services.join(', ')}`);
if (!process.env.KAFKA_BROKERS)
  fail(
    'KAFKA_BROKERS is not set: start a Kafka with `npm run kafka`, then KAFKA_BROKERS=127.0.0.1:9092 npm run start:services',
  );

if (process.env.INTERLOCK_MODE === 'production' && values.env === undefined)
  fail(
    'in production every service is a Kafka user of its own: put KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD of each into DIR/<service>.env, then npm run start:services -- --env DIR',
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
    env: {
      ...environmentOf(name, env, values.env),
      INTERLOCK_DATA_DIR: join(dataDir, name),
      INTERLOCK_KEYS_DIR: keysDir,
    },
    logFile,
    onLine: (line) => process.stdout.write(`${name} ${line}\n`),
    async onExit(code, _signal, lastWords) {
      if (code !== 2) return;
      process.stderr.write(`${name} cannot start:\n${sentencesOf(lastWords)}\n`);
      await Promise.all(running.map((other) => other.stop()));
      process.exit(2);
    },
  });
  running.push(one);
  process.stdout.write(`${name} is process ${one.pid}, logs to ${logFile}\n`);
}

/** What a service said to people: its log lines are JSON, its refusal is not. */
function sentencesOf(lastWords) {
  const lines = lastWords.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return lines
    .slice(-20)
    .map((line) => `  ${line}`)
    .join('\n');
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
