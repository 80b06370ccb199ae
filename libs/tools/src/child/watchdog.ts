import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { FrameReader } from './frames.js';

/** What this thread is told by the process that started it, over its own pipe. Tool code has no way to it. */
export type WatchdogCommand =
  | { readonly kind: 'guard'; readonly id: string; readonly deadline: number }
  | { readonly kind: 'release'; readonly id: string };

export interface WatchdogData {
  readonly fd: number;
  readonly memoryMb: number;
  /** One number: how many guards are in force or were, for whoever waits for his. */
  readonly guards: Int32Array;
}

/** The last word of a child, on the same pipe. */
export type LastWord = 'memory' | 'deadline';

const LOOK_MS = 50;
const COMMAND_BYTES_MAX = 64 * 1024;
/** Timers end within whole milliseconds; nothing may be written after the deadline. */
const EARLY_MS = 2;

/**
 * Runs on a thread of its own, so that it works while tool code holds the other one. It ends the whole process, and what that has started in its
 * group: when the parent is gone, when the memory allowed is exceeded, and at the deadline of a call that must not run beyond it.
 */
function watch({ fd, memoryMb, guards }: WatchdogData): void {
  const parent = process.ppid;
  const deadlines = new Map<string, NodeJS.Timeout>();
  const commands = new FrameReader(COMMAND_BYTES_MAX);

  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('data', (piece) => {
    for (const command of commands.take(piece) as WatchdogCommand[]) obey(command);
  });
  for (const end of ['end', 'error', 'close']) pipe.on(end, () => kill());

  function obey(command: WatchdogCommand): void {
    clearTimeout(deadlines.get(command.id));
    deadlines.delete(command.id);
    if (command.kind === 'release') return;
    const leftMs = command.deadline - Date.now() - EARLY_MS;
    if (leftMs <= 0) kill('deadline');
    deadlines.set(
      command.id,
      setTimeout(() => kill('deadline'), leftMs),
    );
    Atomics.add(guards, 0, 1);
    Atomics.notify(guards, 0);
  }

  setInterval(() => {
    // Tool code can close the pipe beneath this thread, but it cannot choose who its parent is.
    if (process.ppid !== parent) kill();
    if (process.memoryUsage.rss() > memoryMb * 2 ** 20) kill('memory');
  }, LOOK_MS);

  function kill(word?: LastWord): never {
    try {
      if (word !== undefined) writeSync(fd, word);
    } catch {
      // Nobody listens any more.
    }
    process.kill(-process.pid, 'SIGKILL');
    throw new Error('unreachable');
  }
}

watch(workerData);
parentPort?.postMessage('watching');
