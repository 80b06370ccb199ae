import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SystemClient } from './system.client.ts';

const start = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

/** The sixty requests are settled, and it keeps serving. */
export const SERVING = 'Interlock goes on serving.';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** What `npm start` runs once everything is built. */
export class Starting {
  readonly startedAt = performance.now();
  out = '';
  error = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #heard: (() => void)[] = [];

  constructor(
    readonly directory: string,
    environment: Readonly<Record<string, string>> = {},
    options: readonly string[] = [],
  ) {
    const env = { ...process.env, INTERLOCK_PORT: '0', INTERLOCK_DATA_DIR: directory, ...environment };
    this.#child = spawn(process.execPath, [start, ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
      for (const heard of this.#heard) heard();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.error += text;
    });
    this.#closed = once(this.#child, 'close');
  }

  /** Resolves with the ms since the start when it has printed `text`. */
  async printed(text: string): Promise<number> {
    const ended = this.#closed.then(() => true);
    while (!this.out.includes(text)) {
      const said = new Promise<false>((resolve) => this.#heard.push(() => resolve(false)));
      if (await Promise.race([said, ended]))
        throw new Error(`npm start ended early:\n${this.out}${this.error}`);
    }
    return performance.now() - this.startedAt;
  }

  get client(): SystemClient {
    const url = /gateway +(http:\S+),/.exec(this.out)?.[1];
    return new SystemClient(url ?? 'nowhere', join(this.directory, 'keys'));
  }

  async ended(): Promise<Ended> {
    await this.#closed;
    return { code: this.#child.exitCode, out: this.out, error: this.error };
  }

  async stop(): Promise<Ended> {
    this.#child.kill('SIGINT');
    return this.ended();
  }
}
