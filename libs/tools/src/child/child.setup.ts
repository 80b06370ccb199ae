import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { errorText } from '@interlock/contracts';
import { FrameReader, frameOf } from './frames.js';
import type { WatchdogData } from './watchdog.js';

/** Pipes of a child beside the standard ones. */
export const MESSAGES_FD = 3;
export const WATCHDOG_FD = 4;

/** A call may be given the largest value that is kept outside of the log. */
const FROM_PARENT_BYTES_MAX = 72 * 1024 * 1024;
const WATCHDOG_HEAP_MB = 16;
/** What is said in one turn goes out as one frame, unless it is longer than this. */
const FLUSHED_FROM = 256 * 1024;
const GUARD_WAIT_MS = 1_000;
const FAULT_EXIT_CODE = 70;

/** What a child says when its code has ended it, or is about to. */
export interface ChildFault {
  readonly kind: 'fault';
  readonly problem: string;
  /** The call whose code it was, if that is known. */
  readonly id?: string;
}

/** A child's side of its pipes. */
export interface ChildSetup {
  /** The module file whose code it is to run. */
  readonly module: string;
  /** Sent together with whatever else is said in this turn of the loop. */
  say(message: unknown): void;
  /** Runs code on behalf of a call, so that whatever it throws later is attributed to that call. */
  onBehalfOf<T>(id: string, work: () => T): T;
  /** Waits until the watchdog has taken so many guards; false: it did not. */
  guarded(count: number): boolean;
}

/**
 * Makes this process a child that may load foreign code: the watchdog watches before anything of that is run. What is needed of the
 * language is taken now, so that nothing a module replaces there is used.
 */
export async function setUpChild(heard: (message: unknown) => void): Promise<ChildSetup> {
  const { parse, stringify } = JSON;
  const guards = new Int32Array(new SharedArrayBuffer(4));
  const [, , memoryMb, module = ''] = process.argv;
  process.argv.length = 2;
  await watchdog({ fd: WATCHDOG_FD, memoryMb: Number(memoryMb), guards });
  const calls = new AsyncLocalStorage<string>();
  const pipe = new Socket({ fd: MESSAGES_FD, readable: true, writable: true });

  let waiting: string[] = [];
  let length = 0;
  const flush = (): void => {
    if (waiting.length === 0) return;
    pipe.write(frameOf(waiting));
    waiting = [];
    length = 0;
  };
  const say = (message: unknown): void => {
    const text = stringify(message);
    if (waiting.length === 0) process.nextTick(flush);
    waiting.push(text);
    length += text.length;
    if (length > FLUSHED_FROM) flush();
  };
  const endWith = (problem: string, exit: () => void): void => {
    const id = calls.getStore();
    say({ kind: 'fault', problem, ...(id !== undefined && { id }) } satisfies ChildFault);
    flush();
    exit();
  };

  const exit = process.exit.bind(process);
  process.exit = (code): never => {
    endWith(`it ended its process with exit code ${code ?? 0}`, () => exit(code ?? 0));
    throw new Error('unreachable');
  };
  const fault = (thrown: unknown): void => endWith(textOf(thrown), () => exit(FAULT_EXIT_CODE));
  process.on('uncaughtException', fault);
  process.on('unhandledRejection', fault);

  const frames = new FrameReader(FROM_PARENT_BYTES_MAX, parse);
  pipe.on('data', (piece) => {
    for (const message of frames.take(piece)) heard(message);
  });
  pipe.on('end', () => exit(0));
  pipe.on('error', () => exit(0));
  return {
    module,
    say,
    onBehalfOf: (id, work) => calls.run(id, work),
    guarded(count) {
      const until = Date.now() + GUARD_WAIT_MS;
      for (let seen = Atomics.load(guards, 0); seen < count; seen = Atomics.load(guards, 0)) {
        if (Date.now() >= until) return false;
        Atomics.wait(guards, 0, seen, GUARD_WAIT_MS);
      }
      return true;
    },
  };
}

async function watchdog(data: WatchdogData): Promise<void> {
  const worker = new Worker(new URL('./watchdog.js', import.meta.url), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: WATCHDOG_HEAP_MB },
  });
  worker.unref();
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  // Without it nothing bounds what runs here.
  worker.on('exit', () => process.kill(process.pid, 'SIGKILL'));
}

function textOf(thrown: unknown): string {
  try {
    return errorText(thrown).slice(0, 1_000);
  } catch {
    return 'a value that cannot be printed';
  }
}
