import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child.environment.js';
import { FrameError, FrameReader, frameOf } from './frames.js';
import type { WatchdogCommand } from './watchdog.js';

/** Why a child has ended. */
export type Death =
  /** Its code ended it: `process.exit`, an exception nobody caught, a signal. */
  | 'ended'
  /** More memory than is allowed to it. */
  | 'memory'
  /** It held a call that must not run beyond its deadline. */
  | 'deadline'
  /** Its loop did not answer although a call in it was overdue. */
  | 'silent'
  /** What it sent broke the protocol, or was too much. */
  | 'garbage'
  /** It was not needed any more. */
  | 'dismissed';

export interface ModuleProcessOptions {
  /** The program that runs in it; this project's own. */
  readonly program: URL;
  /** The module file; its folder is the working directory. */
  readonly file: string;
  /** Names of the settings that the module has declared. */
  readonly env: readonly string[];
  readonly memoryMb: number;
  /** Largest list of messages it may send at once. */
  readonly bytesMax: number;
  /** A message from it, in whatever form: it may be hostile. Throwing ends the child as `garbage`. */
  readonly heard: (message: unknown) => void;
  /** A line that its code has printed. */
  readonly printed: (line: string) => void;
  /** Called once, after the last message. */
  readonly died: (death: Death, detail: string) => void;
}

/** Of its heap; the rest of what it may take is for what lies outside of it. */
const HEAP_SHARE = 0.75;
/** How long what a dead child has still sent is waited for: something that it started may hold the pipe open. */
const LAST_MESSAGES_MS = 200;
/** Printed text that is read a second; its code waits beyond that. */
const PRINTED_BYTES_PER_SECOND = 128 * 1024;
/** What is printed beyond that is dropped. */
const LINES_PER_SECOND = 100;
const LINE_MAX = 2_000;

/**
 * A process that runs the code of one module, with nothing of this one's environment, files or memory. Node opens no descriptor for inheritance,
 * so it has the five pipes given here and no others. It leads a process group, which is what is killed.
 */
export class ModuleProcess {
  readonly #options: ModuleProcessOptions;
  readonly #child: ChildProcess;
  readonly #messages: Duplex;
  readonly #commands: Duplex;
  #cause: Death | undefined;
  #detail = '';
  #isOver = false;
  #unsent: string[] = [];

  constructor(options: ModuleProcessOptions) {
    this.#options = options;
    const { program, file, env, memoryMb } = options;
    const heapMb = Math.round(memoryMb * HEAP_SHARE);
    this.#child = spawn(
      process.execPath,
      [`--max-old-space-size=${heapMb}`, '--no-warnings', fileURLToPath(program), String(memoryMb), file],
      {
        cwd: dirname(file),
        // biome-ignore lint/style/noProcessEnv: a child gets a part of this very environment
        env: childEnvironment(process.env, env),
        stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
        detached: true,
      },
    );
    this.#messages = this.#child.stdio[3] as Duplex;
    this.#commands = this.#child.stdio[4] as Duplex;
    this.#listen();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sent with whatever else is sent in this turn of the loop. */
  send(message: unknown): void {
    if (this.#unsent.length === 0) process.nextTick(() => this.#flush());
    this.#unsent.push(JSON.stringify(message));
  }

  /** Told to the watchdog alone. */
  command(command: WatchdogCommand): void {
    if (!this.#isOver) this.#commands.write(frameOf([JSON.stringify(command)]));
  }

  kill(cause: Death, detail = ''): void {
    this.#blame(cause, detail);
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }

  #flush(): void {
    const messages = this.#unsent;
    this.#unsent = [];
    if (!this.#isOver) this.#messages.write(frameOf(messages));
  }

  #listen(): void {
    const frames = new FrameReader(this.#options.bytesMax);
    this.#messages.on('data', (piece: Buffer) => this.#hear(frames, piece));
    let word = '';
    this.#commands.on('data', (piece: Buffer) => {
      word = (word + piece.toString('latin1')).slice(0, 20);
      if (word === 'memory' || word === 'deadline') this.#blame(word, '');
    });
    // A child that lives on without its watchdog has been rid of it.
    this.#commands.on('end', () =>
      setTimeout(() => this.kill('ended', 'its watchdog is gone'), LAST_MESSAGES_MS).unref(),
    );
    for (const pipe of [this.#messages, this.#commands]) pipe.on('error', () => {});
    for (const printed of [this.#child.stdout, this.#child.stderr]) {
      if (printed !== null) readPrinted(printed, this.#options.printed);
    }
    this.#child.on('error', (error) => this.#over('ended', error.message));
    this.#child.on('exit', (code, signal) => this.#exited(signal ?? `exit code ${code}`));
  }

  #hear(frames: FrameReader, piece: Buffer): void {
    if (this.#cause !== undefined) return;
    try {
      for (const message of frames.take(piece)) this.#options.heard(message);
    } catch (error) {
      this.kill('garbage', error instanceof FrameError ? error.message : String(error));
    }
  }

  /** The first cause is the one that counts. */
  #blame(cause: Death, detail: string): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#detail = detail;
  }

  #exited(how: string): void {
    const over = (): void => this.#over(this.#cause ?? 'ended', this.#detail || how);
    if (this.#messages.readableEnded) {
      over();
      return;
    }
    const waited = setTimeout(over, LAST_MESSAGES_MS);
    this.#messages.once('end', () => {
      clearTimeout(waited);
      over();
    });
  }

  #over(cause: Death, detail: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const stream of this.#child.stdio) stream?.destroy();
    this.#options.died(cause, detail);
  }
}

/** Reads no more than so much a second, so that a flood holds up the code that makes it and nothing else. */
function readPrinted(stream: Readable, printed: (line: string) => void): void {
  let bytes = 0;
  let lines = 0;
  let rest = '';
  let isCounting = false;
  const line = (text: string): void => {
    lines += 1;
    if (text !== '' && lines <= LINES_PER_SECOND) printed(text.slice(0, LINE_MAX));
  };
  const nextSecond = (): void => {
    [bytes, lines, isCounting] = [0, 0, false];
    stream.resume();
  };
  stream.on('error', () => {});
  stream.on('data', (piece: Buffer) => {
    if (!isCounting) setTimeout(nextSecond, 1_000).unref();
    isCounting = true;
    bytes += piece.length;
    const parts = (rest + piece.toString('utf8')).split('\n');
    rest = (parts.pop() ?? '').slice(0, LINE_MAX);
    for (const part of parts) line(part);
    if (bytes >= PRINTED_BYTES_PER_SECOND) stream.pause();
  });
  stream.on('close', () => line(rest));
}
