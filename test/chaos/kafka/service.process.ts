import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const serviceNames = [
  'registry',
  'orchestrator',
  'planner',
  'policy',
  'tool-executor',
  'approval',
  'telemetry',
  'gateway',
] as const;
export type ServiceName = (typeof serviceNames)[number];

const root = fileURLToPath(new URL('../../../', import.meta.url));
const LINES_MAX = 20_000;

export type LogLine = Readonly<Record<string, unknown>> & { readonly time?: number; readonly msg?: string };

/** One process of one service, started as `scripts/services.mjs` starts it, without anybody who starts it again. */
export class ServiceProcess {
  readonly log: LogLine[] = [];
  readonly startedAt = Date.now();
  readonly ended: Promise<number | string>;
  readonly #child: ChildProcess;

  constructor(
    readonly name: ServiceName,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#child = spawn(process.execPath, [`${root}apps/${name}/dist/main.js`], {
      cwd: root,
      env: { ...outsideEnvironment(), ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.ended = once(this.#child, 'exit').then(([code, signal]) => (signal ?? code) as number | string);
    this.#readLog();
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Where it answers for its health, once it does. */
  get url(): string | undefined {
    const line = this.log.find(({ msg }) => msg === 'health is served' || msg === 'requests are served');
    return line?.url as string | undefined;
  }

  async isReady(): Promise<boolean> {
    const { url } = this;
    if (url === undefined || !this.isRunning) return false;
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  #readLog(): void {
    let rest = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (this.log.length < LINES_MAX) this.log.push(parsed(line));
    });
  }
}

const parsed = (line: string): LogLine => {
  try {
    return JSON.parse(line);
  } catch {
    return { line };
  }
};

/** Nothing of whoever runs the tests decides what is tested. */
const outsideEnvironment = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(INTERLOCK|KAFKA|REFUND|LEDGER|VITEST)_/.test(name)),
  );
