import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../e2e/eventually.ts';

export const serviceNames = [
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
] as const;
export type ServiceName = (typeof serviceNames)[number];

const root = fileURLToPath(new URL('../../../', import.meta.url));
const LINES_MAX = 20_000;
/** Ten processes start at once, on two cores that do more than this. */
const READY_WITHIN_MS = 180_000;
/** Each question takes of the time of those who start. */
const READY_ASKED_EVERY_MS = 100;

export type LogLine = Readonly<Record<string, unknown>> & { readonly time?: number; readonly msg?: string };

/** One process of one service, or of several, without anybody who starts it again. */
export class ServiceProcess {
  readonly log: LogLine[] = [];
  readonly startedAt = Date.now();
  readonly ended: Promise<number | string>;
  /** Of its services, joined by `+`. */
  readonly name: string;
  readonly #child: ChildProcess;

  /** A service alone is started as `scripts/services.mjs` starts it. */
  constructor(services: readonly ServiceName[], environment: Readonly<Record<string, string>>) {
    this.name = services.join('+');
    const argv =
      services.length === 1
        ? [`${root}apps/${this.name}/dist/main.js`]
        : [`${root}test/e2e/some-services.main.ts`, ...services];
    this.#child = spawn(process.execPath, argv, {
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
    return (await this.readiness()) === 'ready';
  }

  /** `ready`, or what it waits for as it says it itself. */
  async readiness(): Promise<string> {
    if (!this.isRunning) return `ended with ${await this.ended}`;
    const { url } = this;
    if (url === undefined) return 'starts';
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
      const said = await response.text();
      return response.status === 200 ? 'ready' : said;
    } catch (error) {
      return `does not answer: ${error}`;
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

/** Resolves when every one is ready; `processes` is asked each time, for some are started again. Rejects with what the others wait for, and what they warned of. */
export async function allReady(
  processes: () => readonly ServiceProcess[],
  withinMs = READY_WITHIN_MS,
): Promise<void> {
  let waiting: readonly string[] = [];
  const all = async () => {
    const said = await Promise.all(
      processes().map(async (one) => ({ name: one.name, readiness: await one.readiness() })),
    );
    waiting = said.flatMap(({ name, readiness }) => (readiness === 'ready' ? [] : `${name}: ${readiness}`));
    return waiting.length === 0;
  };
  await eventually('every service to be ready', all, withinMs, READY_ASKED_EVERY_MS).catch((error: Error) => {
    throw new Error([error.message, ...waiting, ...trouble(processes())].join('\n'));
  });
}

/** What these warned of, newest last. */
export function trouble(processes: readonly ServiceProcess[], last = 40): string[] {
  return processes
    .flatMap(({ name, pid, log }) =>
      log
        .filter(isTrouble)
        .map((line) => ({ at: line.time ?? 0, text: `${name}-${pid} ${JSON.stringify(line)}` })),
    )
    .sort((a, b) => a.at - b.at)
    .slice(-last)
    .map(({ text }) => text.slice(0, 600));
}

const isTrouble = ({ level, line }: LogLine): boolean => Number(level) >= 40 || line !== undefined;

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
