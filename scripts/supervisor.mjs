// Runs processes and starts them again when they die, a little later each time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { reasonIn } from './log.lines.mjs';

/**
 * How our processes are run. V8 sizes its young generation, and glibc its arenas, by the machine and not by us: left alone they
 * take half as much memory again, for no time saved (measured: governed-step, 64 in flight, 700 to 450 MB).
 */
export const nodeArguments = ['--max-semi-space-size=16'];
export const memorySettings = { MALLOC_ARENA_MAX: '2' };

const RESTART_MS_MIN = 200;
const RESTART_MS_MAX = 10_000;
/** Of what a process said on standard error before it ended. */
const LAST_WORDS_MAX = 16_000;
/** A process that lived this long starts again at once. */
const STEADY_MS = 30_000;
/** What it said last arrives after its end; what it has started itself may keep its pipes open. */
const LAST_WORDS_MS = 500;
/** `npm` and the terminal may both pass one Ctrl-C on. */
const SAME_KEY_MS = 500;
/** INTERLOCK_DRAIN_MS where it is not set. */
const DRAIN_MS = 10_000;
/** Beyond what drains: records are committed and spans are sent. */
const CLOSING_MS = 10_000;

/** Whatever this process ends of, nothing that it has started goes on alone. */
const alive = new Set();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGTERM');
});

/**
 * How long a process may take to stop, ms: what still starts while it drains may have to be drained again. docker-compose.yml gives as much.
 * @param {Record<string, string | undefined>} env
 */
export function graceOf({ INTERLOCK_DRAIN_MS }) {
  const drainMs = Number(INTERLOCK_DRAIN_MS || DRAIN_MS);
  return 2 * (Number.isFinite(drainMs) ? drainMs : DRAIN_MS) + CLOSING_MS;
}

/** A reader that has seen enough (`| head`), or a terminal that is gone: what runs goes on. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/**
 * Runs a process. `onLine` is told its lines on standard output, `onLog` those on standard error, which are its log.
 * @param {{ name: string, argv: string[], env: Record<string, string | undefined>, onLog: (line: string) => void,
 *   onLine?: (line: string) => void, detached?: boolean, onExit?: (code: number | null, signal: string | null, lastWords: string) => void }} spec
 *   `detached`: Ctrl-C in the terminal does not reach it; whoever supervises it stops it. `env` is read at every start.
 */
export function supervise(spec) {
  let child;
  let stopping = false;
  let delay = RESTART_MS_MIN;

  function start() {
    const startedAt = Date.now();
    child = spawn(process.execPath, [...nodeArguments, ...spec.argv], {
      env: { ...memorySettings, ...spec.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: spec.detached === true,
    });
    alive.add(child);
    readLines(child.stdout, spec.onLine ?? spec.onLog);
    let lastWords = '';
    readLines(child.stderr, (line) => {
      lastWords = `${lastWords}${line}\n`.slice(-LAST_WORDS_MAX);
      spec.onLog(line);
    });
    const born = child;
    child.on('exit', async (code, signal) => {
      alive.delete(born);
      await heard(born);
      spec.onExit?.(code, signal, lastWords);
      if (stopping || code === 2) return;
      delay = Date.now() - startedAt > STEADY_MS ? RESTART_MS_MIN : Math.min(delay * 2, RESTART_MS_MAX);
      const ended = `${spec.name} ended (${signal ?? code}${reasonIn(lastWords)})`;
      process.stderr.write(`${ended}; starting it again in ${delay} ms\n`);
      setTimeout(() => stopping || start(), delay);
    });
  }

  start();
  return {
    name: spec.name,
    get pid() {
      return child.pid;
    },
    /** Asks it to stop; resolves when it has, after a kill at the latest. */
    stop(graceMs = graceOf(spec.env)) {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      return ended.then(() => clearTimeout(timer));
    },
  };
}

/** Resolves once everything that an ended process said has been read. */
const heard = ({ stdout, stderr }) => {
  const closed = [stdout, stderr].map((stream) => (stream.closed ? undefined : once(stream, 'close')));
  return Promise.race([Promise.all(closed), new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))]);
};

/**
 * Stops on SIGINT, SIGTERM and SIGHUP, then ends this process; a second signal ends everything at once.
 * @param {() => Promise<unknown>} stop
 * @param {{ stopping?: () => void, stopped?: () => void }} listener
 */
export function stopOnSignals(stop, listener = {}) {
  let askedAt;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, async () => {
      if (askedAt !== undefined) {
        if (Date.now() - askedAt > SAME_KEY_MS) killAll();
        return;
      }
      askedAt = Date.now();
      listener.stopping?.();
      await stop();
      listener.stopped?.();
      process.exit();
    });
  }
}

function killAll() {
  for (const child of alive) child.kill('SIGKILL');
}

export function readLines(stream, take) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) take(line);
  });
  stream.on('end', () => rest === '' || take(rest));
}
