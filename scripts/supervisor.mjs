// Runs processes and starts them again when they die, a little later each time.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * How our processes are run. V8 sizes its young generation, and glibc its arenas, by the machine and not by us: left alone they
 * take half as much memory again, for no time saved (measured: W1, 64 in flight, 700 to 450 MB).
 */
export const nodeArguments = ['--max-semi-space-size=16'];
export const memorySettings = { MALLOC_ARENA_MAX: '2' };

const RESTART_MS_MIN = 200;
const RESTART_MS_MAX = 10_000;
/** Of what a process said on standard error before it ended. */
const LAST_WORDS_MAX = 16_000;
/** A process that lived this long starts again at once. */
const STEADY_MS = 30_000;

/** Whatever this process ends of, nothing that it has started goes on alone. */
const alive = new Set();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGTERM');
});
/** A reader that has seen enough (`| head`), or a terminal that is gone: what runs goes on. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/**
 * @param {{ name: string, argv: string[], env: Record<string, string | undefined>, logFile?: string,
 *   onLine?: (line: string) => void, restart?: boolean, onExit?: (code: number | null, signal: string | null, lastWords: string) => void }} spec
 */
export function supervise(spec) {
  let child;
  let stopping = false;
  let delay = RESTART_MS_MIN;
  const log = spec.logFile === undefined ? undefined : openLog(spec.logFile);

  function start() {
    const startedAt = Date.now();
    child = spawn(process.execPath, [...nodeArguments, ...spec.argv], {
      env: { ...memorySettings, ...spec.env },
      stdio: ['ignore', 'pipe', log ? 'pipe' : 'inherit'],
    });
    alive.add(child);
    readLines(child.stdout, (line) => (spec.onLine ? spec.onLine(line) : log?.write(`${line}\n`)));
    let lastWords = '';
    if (log) child.stderr.pipe(log, { end: false });
    child.stderr?.on('data', (chunk) => {
      lastWords = (lastWords + chunk).slice(-LAST_WORDS_MAX);
    });
    const born = child;
    child.on('exit', (code, signal) => {
      alive.delete(born);
      spec.onExit?.(code, signal, lastWords);
      if (stopping || spec.restart === false || code === 2) return;
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
    stop(graceMs = 15_000) {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      return ended.then(() => clearTimeout(timer));
    },
  };
}

/** Stops everything on SIGINT, SIGTERM and SIGHUP, then ends with `code`. */
export function stopOnSignals(running, code = 0) {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, async () => {
      if (asked) return;
      asked = true;
      await Promise.all(running().map((one) => one.stop()));
      process.exit(code);
    });
  }
}

export function readLines(stream, take) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) take(line);
  });
}

const ERROR = 50;

/** `: why`, as the last error among the log lines of a process says it. */
export function reasonIn(lines) {
  for (const line of lines.split('\n').reverse()) {
    const { level = 0, msg, err } = parsed(line);
    if (level >= ERROR) return `: ${[msg, err?.message].filter(Boolean).join(': ').slice(0, 300)}`;
  }
  return '';
}

function parsed(line) {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}

function openLog(file) {
  const directory = dirname(file);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    process.stderr.write(`${directory} cannot be made (${error.message}): name another INTERLOCK_DATA_DIR\n`);
    process.exit(2);
  }
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  // A full disk loses lines of a log, and ends nobody for it.
  stream.on('error', (error) => process.stderr.write(`${file}: ${error.message}\n`));
  return stream;
}
