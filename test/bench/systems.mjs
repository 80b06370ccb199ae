// The two ways to run Interlock that are measured.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startKafka } from '../../scripts/kafka.server.mjs';
import { argvOf, Child, freePort, whenReady } from './child.mjs';
import { tokenOf } from './development.token.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const services = [
  'registry',
  'orchestrator',
  'planner',
  'policy',
  'tool-executor',
  'approval',
  'audit',
  'telemetry',
  'notifier',
  'gateway',
];

/**
 * Starts Interlock on an empty data directory.
 * @returns `{ url, children, brokerPids, brokerTask, keysIn, restart, stop }`: `brokerTask` says how to open its log, also after `stop`;
 * `keysIn` is the folder with the key of its tokens, `operator` a token of somebody who may start runs
 */
export async function startSystem(broker, dir) {
  rmSync(dir, { recursive: true, force: true });
  const port = await freePort();
  const env = {
    ...process.env,
    INTERLOCK_PORT: String(port),
    INTERLOCK_DEMO: '0',
    INTERLOCK_LOG_LEVEL: process.env.INTERLOCK_LOG_LEVEL ?? 'warn',
    INTERLOCK_MODULES: join(root, 'test/bench/bench.module.ts'),
    BENCH_LINES: join(dir, 'lines.txt'),
  };
  const start = broker === 'kafka' ? startServices : startTogether;
  let operator;
  const system = await start(dir, `http://127.0.0.1:${port}`, env);
  try {
    await system.ready();
    operator = await tokenOf(system.keysIn, 'bench', ['operator', 'admin']);
    await published(system.url, operator);
  } catch (error) {
    await system.close();
    throw error;
  }
  return { ...system, operator, dir, lines: env.BENCH_LINES };
}

async function startTogether(dir, url, env) {
  const data = join(dir, 'data');
  const child = new Child({
    name: 'interlock',
    argv: argvOf(root, 'all'),
    env: { ...env, KAFKA_BROKERS: undefined, INTERLOCK_DATA_DIR: data },
    logFile: join(dir, 'interlock.log'),
  });
  child.start();
  return {
    url,
    children: [child],
    brokerPids: () => [],
    brokerTask: { broker: 'embedded', directory: data },
    keysIn: join(data, 'keys'),
    ready: () => whenReady([url]),
    stop: () => child.stop(),
    close: () => child.stop(),
  };
}

async function startServices(dir, url, env) {
  const given = env.KAFKA_BROKERS;
  const home = join(dir, 'kafka');
  const keys = join(dir, 'keys');
  const ports = { port: await freePort(), controllerPort: await freePort(), dir: home };
  let kafka = given === undefined ? await startKafka(ports) : undefined;
  const brokers = given ?? `127.0.0.1:${ports.port}`;
  const urls = [url];
  const children = [];
  for (const name of services) {
    const health = await freePort();
    if (name !== 'gateway') urls.push(`http://127.0.0.1:${health}`);
    children.push(
      new Child({
        name,
        argv: argvOf(root, name),
        env: {
          ...env,
          KAFKA_BROKERS: brokers,
          INTERLOCK_DATA_DIR: join(dir, name),
          INTERLOCK_KEYS_DIR: keys,
          INTERLOCK_HEALTH_PORT: String(health),
        },
        logFile: join(dir, `${name}.log`),
      }),
    );
  }
  for (const child of children) child.start();
  const stop = () => Promise.all(children.map((child) => child.stop()));
  return {
    url,
    children,
    brokerPids: () => (kafka?.pid === undefined ? [] : [kafka.pid]),
    brokerTask: { broker: 'kafka', brokers: [brokers] },
    keysIn: keys,
    ready: () => whenReady(urls),
    /** Ends Kafka with SIGKILL and starts it again on the same data. */
    async restartBroker() {
      if (kafka === undefined) throw new Error('only a Kafka that this benchmark has started can be killed');
      process.kill(kafka.pid, 'SIGKILL');
      kafka = await startKafka(ports);
    },
    stop,
    async close() {
      await stop();
      await kafka?.stop();
    },
  };
}

/** Resolves when the benchmark's workflows can be started. */
async function published(url, operator, withinMs = 60_000) {
  const wanted = [
    'bench-read',
    'bench-write',
    'bench-line',
    'bench-long',
    'bench-question',
    'bench-approved',
  ];
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await fetch(`${url}/v1/artifacts?kind=workflow&limit=500`, {
      headers: { authorization: `Bearer ${operator}` },
    });
    const { items } = await answer.json();
    const names = new Set(items.map(({ name }) => name));
    const missing = wanted.filter((name) => !names.has(name));
    if (missing.length === 0) return;
    if (performance.now() > deadline) throw new Error(`not published: ${missing.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
