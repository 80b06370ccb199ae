import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs one task in a driver process; `on` hears of its stages. Resolves with what it found. */
export function drive(task, on = {}) {
  return inProcess('./driver.process.mjs', task, on);
}

/** Runs `file` with `task` as its only message. */
export function inProcess(file, task, on = {}) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (message) => {
      if (message.type === 'done') resolve(message.result);
      else if (message.type === 'failed') reject(new Error(message.error));
      else on[message.type]?.();
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`${file} ended with ${signal ?? code}`)));
    child.send(task);
  });
}
