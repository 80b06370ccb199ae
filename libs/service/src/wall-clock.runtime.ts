import type { Runtime } from '@interlock/actors';

/** Real time, real chance, the event loop. */
export const wallClock: Runtime = {
  clock: { now: () => Date.now() },
  random: { next: () => Math.random() },
  scheduler: {
    after(delayMs, task) {
      if (delayMs <= 0) {
        const turn = setImmediate(task);
        return () => clearImmediate(turn);
      }
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    soon: (task) => queueMicrotask(task),
  },
};
