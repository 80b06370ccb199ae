import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../e2e/eventually.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A program of somebody else that follows the audit stream and prints a line a record. */
export class ForeignReader {
  readonly lines: string[] = [];
  #problems = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(command: string, args: readonly string[], brokers: string) {
    this.#child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, KAFKA_BROKERS: brokers },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#ended = once(this.#child, 'exit');
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines);
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#problems = (this.#problems + chunk).slice(-4_000);
    });
    this.#child.once('error', (error) => {
      this.#problems += String(error);
    });
  }

  /** Resolves when it has printed so many lines that `isDone` says so. */
  async until(isDone: (lines: readonly string[]) => boolean, withinMs = 60_000): Promise<void> {
    const what = `${this.#child.spawnargs.join(' ')} to have read everything`;
    await eventually(what, () => isDone(this.lines), withinMs).catch((error: Error) => {
      throw new Error(`${error.message}; ${this.lines.length} lines so far\n${this.#problems}`);
    });
  }

  /** Ends it and what it has started itself. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    process.kill(-pid, 'SIGKILL');
    await this.#ended;
  }
}
