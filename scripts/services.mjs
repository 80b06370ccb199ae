// npm run start:services: each service in its own process against KAFKA_BROKERS, supervised, one log per service. services.page.mjs has
// the words.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HEALTH_PORT_FIRST, healthPorts } from '@interlock/contracts';
import { optionsOf, refuse } from './arguments.mjs';
import { openLogFile } from './log.file.mjs';
import { news, sentencesIn, shown, troubleIn } from './log.lines.mjs';
import { readinessAt } from './readiness.mjs';
import { startRefundDesk, usesRefundDesk } from './refund-desk.mjs';
import { environmentOf } from './service.environment.mjs';
import * as page from './services.page.mjs';
import { stopOnSignals, supervise } from './supervisor.mjs';

const ASKED_EVERY_MS = 200;
/** After this the table shows what is still waited for. */
const SHOWN_AFTER_MS = 60_000;
const LAST_SENTENCES = 20;
const FIRST_PORT_MAX = 65_535 - (Object.keys(healthPorts).length - 2);

const root = fileURLToPath(new URL('..', import.meta.url));
const services = Object.keys(healthPorts);
const options = optionsOf(
  { only: { type: 'string' }, env: { type: 'string' }, logs: { type: 'boolean' } },
  page.usage,
);
const only = options.only === undefined ? services : [...new Set(options.only.split(','))];
const unknown = only.filter((name) => !services.includes(name));
if (unknown.length > 0) refuse(`unknown service ${unknown.join(', ')}; known are ${services.join(', ')}`);
if (!process.env.KAFKA_BROKERS)
  refuse(
    'KAFKA_BROKERS is not set: start a Kafka with `npm run kafka`, then KAFKA_BROKERS=127.0.0.1:9092 npm run start:services',
  );
if (process.env.INTERLOCK_MODE === 'production' && options.env === undefined)
  refuse(
    'in production every service is a Kafka user of its own: put KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD of each into DIR/<service>.env, then npm run start:services -- --env DIR',
  );

const env = { ...process.env };
const firstHealthPort = env.INTERLOCK_HEALTH_PORT || String(HEALTH_PORT_FIRST);
if (!isFirstPort(firstHealthPort))
  refuse(
    `INTERLOCK_HEALTH_PORT is ${firstHealthPort}: the first of the ports has to be from 1 to ${FIRST_PORT_MAX}, or 0 for any free ones`,
  );
const dataDir = env.INTERLOCK_DATA_DIR || '.interlock';
// One folder for all of them and the command line; what a service keeps of its own can be deleted.
const keysDir = env.INTERLOCK_KEYS_DIR || join(dataDir, 'keys');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tell = (text, event) => process.stdout.write(options.json ? `${JSON.stringify(event)}\n` : text);

/** @type {{ name: string, process: ReturnType<typeof supervise>, url?: string }[]} */
const running = [];
let orders;
const stop = async () => {
  await Promise.all(running.map((one) => one.process.stop()));
  await orders?.stop();
};
stopOnSignals(stop, {
  stopping: () => tell(page.stopping, { event: 'stopping' }),
  stopped: () => tell(page.stopped, { event: 'stopped' }),
});

tell(page.heading(version, only.length, env.KAFKA_BROKERS), { event: 'starting', version, services: only });
if (only.includes('tool-executor') && usesRefundDesk(env) && !env.REFUND_DESK_URL) {
  const { orders: started, url } = await startRefundDesk(root, env);
  orders = started;
  env.REFUND_DESK_URL = url;
}
for (const name of only) run(name);
await tableShown();

function run(name) {
  const log = options.logs ? undefined : openLogFile(join(dataDir, 'logs', `${name}.log`));
  const isNews = news();
  const service = {
    name,
    url: undefined,
    process: supervise({
      name,
      argv: [join(root, 'apps', name, 'dist', 'main.js')],
      env: {
        INTERLOCK_HEALTH_PORT: String(healthPortOf(name)),
        ...environmentOf(name, withoutHealthPort(env), options.env),
        INTERLOCK_DATA_DIR: join(dataDir, name),
        INTERLOCK_KEYS_DIR: keysDir,
      },
      onLine(line) {
        if (line.startsWith('http')) service.url = line;
        else log?.write(line);
      },
      onLog(line) {
        log?.write(line);
        if (options.logs) return process.stderr.write(`${shown(line)}\n`);
        const said = line.startsWith('{') ? troubleIn(line) : undefined;
        if (said !== undefined && isNews(said)) process.stderr.write(`${name}: ${said}\n`);
      },
      async onExit(code, _signal, lastWords) {
        service.url = undefined;
        if (code !== 2) return;
        const sentences = sentencesIn(lastWords).slice(-LAST_SENTENCES);
        process.stderr.write(`${name} cannot start:\n${sentences.map((line) => `  ${line}\n`).join('')}`);
        await stop();
        process.exit(2);
      },
    }),
  };
  running.push(service);
}

/** Fixed, so that whoever scrapes or probes needs no log for it; 0: any free one. */
function healthPortOf(name) {
  const first = Number(firstHealthPort);
  return first === 0 ? 0 : first + healthPorts[name] - HEALTH_PORT_FIRST;
}

/** The services behind the first one take the ports behind it. */
function isFirstPort(text) {
  return /^\d+$/.test(text) && Number(text) <= FIRST_PORT_MAX;
}

function withoutHealthPort({ INTERLOCK_HEALTH_PORT: _first, ...rest }) {
  return rest;
}

/** Prints the table once every service is ready, and before that when it takes long. */
async function tableShown() {
  const startedAt = Date.now();
  for (let isReported = false; ; ) {
    const table = await Promise.all(
      running.map(async ({ name, process: { pid }, url }) => ({
        name,
        pid,
        url,
        readiness: await readinessAt(url),
      })),
    );
    const isReady = table.every(({ readiness }) => readiness === 'ready');
    const isLate = !isReported && Date.now() - startedAt > SHOWN_AFTER_MS;
    if (isReady || isLate) {
      const logs = options.logs ? 'this terminal' : join(dataDir, 'logs', '<service>.log');
      const words = page.standing(table) + (isReady ? page.allReady(logs) : page.stillWaiting);
      tell(words, { event: isReady ? 'ready' : 'waiting', services: table });
      isReported = true;
    }
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
  }
}
