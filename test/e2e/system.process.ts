import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { keysDirectoryOf } from '@interlock/authority';
import { afterAll } from 'vitest';
import { eventually } from './eventually.ts';
import { SystemClient } from './system.client.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const whole = `${root}apps/all/dist/main.js`;
const parts = `${root}test/e2e/some-services.main.ts`;

/** A test that fails must not leave its system behind. */
const running = new Set<ChildProcess>();
const killAll = () => running.forEach((child) => void child.kill('SIGKILL'));
afterAll(killAll);
process.once('exit', killAll);

export interface SystemOptions {
  readonly dataDir: string;
  /** `INTERLOCK_*` and whatever the modules' tools read. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Only these services, in one process; every one when absent. */
  readonly services?: readonly string[];
}

/** A running Interlock: the real process on the embedded log, on a free port. */
export interface SystemProcess {
  readonly client: SystemClient;
  readonly pid: number;
  /** Ms from the start of the process to the first good answer of `/readyz`; 0 without a gateway. */
  readonly readyAfterMs: number;
  /** Lines of its log so far, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** Resolves with the exit code, or the name of the signal that ended it. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | string>;
  /** How it ended; undefined while it runs. */
  readonly ended: number | string | undefined;
}

export interface StartedSystem extends Omit<SystemProcess, 'readyAfterMs'> {
  /** Resolves when `/readyz` is good. */
  ready(): Promise<number>;
}

/** Where its keys are. */
export const keysOf = ({
  dataDir,
  environment = {},
}: Pick<SystemOptions, 'dataDir' | 'environment'>): string =>
  keysDirectoryOf({ INTERLOCK_DATA_DIR: dataDir, ...environment });

/** Starts it; resolves when it is ready. Rejects with its log when it ends before that. */
export async function startSystem(options: SystemOptions): Promise<SystemProcess> {
  const system = await spawnSystem(options);
  const readyAfterMs = await system.ready();
  return Object.assign(system, { readyAfterMs });
}

/** Starts it; resolves when it listens, which may be long before it is ready. */
export async function spawnSystem({ dataDir, environment, services }: SystemOptions): Promise<StartedSystem> {
  const startedAt = performance.now();
  const argv = services === undefined ? [whole] : [parts, ...services];
  const child = spawn(process.execPath, argv, {
    cwd: root,
    env: { ...outsideEnvironment(), INTERLOCK_PORT: '0', INTERLOCK_DATA_DIR: dataDir, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    return (signal ?? code) as number | string;
  });
  const log = readLog(child);
  const url = await Promise.race([firstLine(child), exited.then((how) => fail(how, log))]);
  const client = new SystemClient(url, keysOf({ dataDir, environment }));
  const ended = () => child.signalCode ?? child.exitCode ?? undefined;
  return {
    client,
    pid: child.pid ?? 0,
    log,
    get ended() {
      return ended();
    },
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
    async ready() {
      await eventually(`${url}/readyz to be good`, async () => {
        const how = ended();
        if (how !== undefined) fail(how, log);
        return (await client.status('/readyz')) === 200;
      });
      return performance.now() - startedAt;
    },
  };
}

/** Nothing of whoever runs the tests decides what is tested. */
const outsideEnvironment = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(INTERLOCK|KAFKA|REFUND|VITEST)_/.test(name)),
  );

function fail(how: number | string, log: readonly unknown[]): never {
  const last = log.slice(-20).map((line) => JSON.stringify(line));
  throw new Error(`the system ended with ${how} before it was ready:\n${last.join('\n')}`);
}

function readLog(child: ChildProcess): Record<string, unknown>[] {
  const log: Record<string, unknown>[] = [];
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) log.push(line.startsWith('{') ? JSON.parse(line) : { line });
  });
  return log;
}

/** Its address, or `-` from services that serve nothing. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      const end = printed.indexOf('\n');
      if (end >= 0) resolve(printed.slice(0, end));
    });
  });
}
