import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A running order system: the real process, on a free port. */
export interface OrderSystemProcess {
  readonly url: string;
  /** `SIGKILL` ends it as a power cut would, short of the disk. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts the order system with this process's Node; rejects with what it printed when it does not come up. */
export async function startOrderSystem(
  directory: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<OrderSystemProcess> {
  const main = fileURLToPath(new URL('order-system/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, directory], {
    env: { ...process.env, REFUND_DESK_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const { listening } = JSON.parse(await firstLine(child));
  return {
    url: listening,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await exited;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    let complained = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complained += chunk.toString();
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const [line, rest] = printed.split('\n', 2);
      if (line !== undefined && rest !== undefined) resolve(line);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the order system ended with ${code}: ${complained}`)));
  });
}
