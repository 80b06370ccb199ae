import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { memorySettings, nodeArguments } from '../../scripts/supervisor.mjs';

/** A process of ours: started, killed and started again by its owner. Both its outputs go into `logFile`. */
export class Child {
  #process;

  constructor(spec) {
    this.spec = spec;
  }

  get name() {
    return this.spec.name;
  }

  get pid() {
    return this.#process.pid;
  }

  start() {
    const { argv, env, logFile } = this.spec;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    this.#process = spawn(process.execPath, argv, {
      env: { ...memorySettings, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#process.on('exit', (code, signal) => {
      if (signal === null && code !== 0)
        process.stderr.write(`${this.name} ended with ${code}: see ${logFile}\n`);
    });
  }

  /** SIGKILL; resolves when it is gone. */
  kill() {
    return this.#end('SIGKILL', 0);
  }

  stop() {
    return this.#end('SIGTERM', 15_000);
  }

  #end(signal, graceMs) {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    return ended.then(() => clearTimeout(timer));
  }
}

/** The arguments that run the compiled `app` as the start scripts do. BENCH_NODE_ARGS comes after ours, for profilers. */
export const argvOf = (root, app) => [
  ...nodeArguments,
  ...(process.env.BENCH_NODE_ARGS?.split(' ') ?? []),
  join(root, 'apps', app, 'dist', 'main.js'),
];

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Resolves when every address answers `/readyz` with 200. */
export async function whenReady(urls, withinMs = 60_000) {
  const deadline = performance.now() + withinMs;
  for (const url of urls) {
    for (;;) {
      const answer = await fetch(`${url}/readyz`).catch(() => undefined);
      if (answer?.ok) break;
      if (performance.now() > deadline)
        throw new Error(`${url} is not ready after ${withinMs} ms: ${await answer?.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
