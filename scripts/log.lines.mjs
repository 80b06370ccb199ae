// What log lines say to people: one JSON object a line, as pino writes them, or a sentence of a process that does not start.
// What a process says may hold anything: control characters do not reach the terminal.
import { plain } from '@interlock/contracts';

const WARNING = 40;
const ERROR = 50;
const CHARS_MAX = 300;
const SAME_AGAIN_MS = 60_000;
const SENTENCES_MAX = 200;

/**
 * What a line of a log says to whoever looks at the terminal: warnings, errors and sentences.
 * @param {string} line
 * @returns {string | undefined} undefined: nothing that concerns them
 */
export function troubleIn(line) {
  if (line === '') return undefined;
  const { level, run, ...facts } = parsed(line);
  if (level === undefined) return plain(line);
  if (level < WARNING) return undefined;
  const about = run === undefined ? '' : ` (run ${run})`;
  return plain(`${level >= ERROR ? 'error' : 'warning'}: ${messageOf(facts)}${about}`);
}

/**
 * Tells whether a sentence is news: the same one is shown once a minute, for what is away is missed again and again. The log has all.
 * @param {() => number} now ms
 */
export function news(now = Date.now) {
  const shownAt = new Map();
  return (sentence) => {
    const isNews = now() - (shownAt.get(sentence) ?? Number.NEGATIVE_INFINITY) >= SAME_AGAIN_MS;
    if (shownAt.size >= SENTENCES_MAX) shownAt.clear();
    if (isNews) shownAt.set(sentence, now());
    return isNews;
  };
}

/** `: why`, as the last error among the lines of a process says it, or its last sentence. */
export function reasonIn(lines) {
  for (const line of lines.split('\n').reverse()) {
    const { level, ...facts } = parsed(line);
    if (level >= ERROR) return plain(`: ${messageOf(facts)}`);
    if (level === undefined && isSentence(line)) return plain(`: ${line.slice(0, CHARS_MAX)}`);
  }
  return '';
}

/** Not the frames, the version or the brackets that Node prints after the sentence of an error. */
const isSentence = (line) => /^\S.*\p{L}/u.test(line) && !line.startsWith('Node.js v');

/** The sentences among the lines of a process that says why it does not start. */
export const sentencesIn = (lines) =>
  lines
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
    .map(plain);

/** A line of a log as a terminal may show it; a file or a pipe gets it as it is. */
export const shown = (line, out = process.stderr) => (out.isTTY ? plain(line) : line);

/** @param {{ msg?: string, err?: { message?: string }, error?: string, because?: string, detail?: string, away?: string }} facts */
function messageOf({ msg, err, error, because, detail, away }) {
  const why = [err?.message, error, because, detail, away].find((one) => typeof one === 'string');
  return [msg, why].filter(Boolean).join(': ').slice(0, CHARS_MAX);
}

/** @returns {Record<string, any>} */
export function parsed(line) {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}
