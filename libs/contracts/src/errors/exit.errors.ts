import type { ErrorEntry } from './error.entry.js';

interface Exit extends ErrorEntry {
  readonly exit: number;
}

/** How `./interlock` ends. */
export const cliExits = {
  done: { exit: 0, meaning: 'Done.', action: 'Nothing.' },
  refused: {
    exit: 1,
    meaning: 'The server refused, or the answer is no: a run failed, a file does not verify.',
    action: 'Standard error says why, and what to do.',
  },
  usage: {
    exit: 2,
    meaning: 'The command line is not valid.',
    action: 'Standard error says how; `--help` shows the options.',
  },
  unreachable: {
    exit: 3,
    meaning: 'The server, the issuer or something else that the command needs does not answer.',
    action: 'Check the address, and repeat the command.',
  },
} as const satisfies Readonly<Record<string, Exit>>;

/** How a process of Interlock ends. */
export const processExits = {
  refused: {
    exit: 2,
    meaning: 'A restart would end the same way: wrong settings, a refused module, a port in use.',
    action: 'Change what the message names, then start it.',
  },
  fatal: {
    exit: 70,
    meaning:
      'It ended itself: what it held could no longer be trusted. Nothing that was acknowledged is lost.',
    action: 'The supervisor starts it again; if that repeats, read the last line of its log.',
  },
  'disk-full': {
    exit: 75,
    meaning: 'Its disk is full. Nothing that was acknowledged is lost.',
    action: 'Make room; it starts again by itself under a supervisor.',
  },
} as const satisfies Readonly<Record<string, Exit>>;
