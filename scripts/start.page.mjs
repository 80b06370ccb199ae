// What `npm start` prints: README.md quotes it.
import { facts, listed, table } from './table.mjs';

const WIDTH = 80;
const BAR = 40;
/** Where nobody sees a bar move, a line every so many requests. */
const LINE_EVERY = 20;
const INDENT = '  ';

export const usage = `npm start runs every service in one process on the embedded log, works the sixty
requests of the example, and goes on serving.

  npm start                 a short page here, logs to a file
  npm start -- --logs       logs to this terminal
  npm start -- --json       one JSON object a line, for programs
  npm start -- --version    the version
  npm start -- --help       this page

Settings are read from the environment: docs/operations.md lists them.
`;

export const heading = (version) => `Interlock ${version} is starting ...\n`;

/**
 * What runs, and where.
 * @param {{ url: string, readyMs: number, published: Published, dataDir: string, logs: string }} server
 * @typedef {{ workflows: string[], tools: string[], policy?: { bundle: string, by: string[] }, proposed: { by: string, hash: string }[] }} Published
 */
export function serving({ url, readyMs, published, dataDir, logs }) {
  const { workflows, tools, policy, proposed } = published;
  const room = WIDTH - INDENT.length - 'workflows'.length - 2;
  const lines = facts([
    ['gateway', `${url}, ready after ${seconds(readyMs)}`],
    ['workflows', workflows.length === 0 ? 'none published' : listed(workflows, room)],
    ['tools', tools.length === 0 ? 'none published' : listed(tools, room)],
    [
      'policy',
      policy === undefined ? 'none in force, so every call is denied' : `${policy.bundle} is in force`,
    ],
    ['data', dataDir],
    ['logs', logs],
  ]);
  const waiting = proposed.map(
    ({ by, hash }) =>
      `${by} proposes another policy:\n${INDENT}./interlock policy activate ${hash} --reason "..."`,
  );
  return `\n${[...lines.map((line) => INDENT + line), ...waiting].join('\n')}\n\n`;
}

export const demoBegins = (all) => `Working the ${all} requests of the example:\n`;

/** A bar that moves on a terminal; elsewhere a line now and then. */
export function progressOn(out) {
  return (done, all) => {
    if (out.isTTY) {
      const filled = Math.round((done / all) * BAR);
      out.write(
        `\r${INDENT}[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${done} of ${all}${done === all ? '\n' : ''}`,
      );
    } else if (done % LINE_EVERY === 0 || done === all) out.write(`${INDENT}${done} of ${all}\n`);
  };
}

/**
 * What became of the requests.
 * @param {import('../examples/refund-desk/demo.ts').DemoResult} demo
 */
export function outcomes({ settled, tookMs, outcomes: ends, unexpected, waiting }) {
  const rows = ends.map(({ count, scenario, status, outcome }) => [String(count), scenario, status, outcome]);
  const lines = table([['runs', 'request', 'status', 'outcome'], ...rows]).map((line) => INDENT + line);
  const verdict =
    unexpected.length === 0
      ? [`All ${settled} went as expected, in ${seconds(tookMs)}.`]
      : [
          `${unexpected.length} of ${settled} did not go as expected:`,
          ...unexpected.map((line) => INDENT + line),
        ];
  const waits = waiting.map(
    ({ count, what, euros }) =>
      `${INDENT}${count} for ${what}${euros === 0 ? '' : `, ${euros.toFixed(2)} EUR in all`}`,
  );
  const people = waits.length === 0 ? [] : ['', 'Waiting for people:', ...waits];
  return `\n${[...lines, '', ...verdict, ...people].join('\n')}\n`;
}

/**
 * Three commands to go on with.
 * @param {{ waiting?: string, completed?: string }} runs of the demonstration
 * @param {string[]} settings `NAME=value` that a command line in another terminal needs to find this server
 */
export function whatNext(runs, settings) {
  const commands = [
    ['./interlock run list', 'every run'],
    ...(runs.waiting === undefined ? [] : [[`./interlock run show ${runs.waiting}`, 'waits for people']]),
    ...(runs.completed === undefined ? [] : [[`./interlock verify ${runs.completed}`, 'checks its log']]),
  ];
  const first = settings.length === 0 ? [] : [`${INDENT}export ${settings.join(' ')}`];
  return `\nTry next, in another terminal:\n${[...first, ...facts(commands.map(([command, why]) => [command, `# ${why}`])).map((line) => INDENT + line)].join('\n')}\n`;
}

export const stillWaiting = (readiness) => `
Interlock is not ready yet:
${INDENT}${readiness}
This page continues once it is ready; the log says more.
`;

export const goesOn = (dataDir) => `
Interlock goes on serving. Ctrl-C stops it; the next start finds everything in
${dataDir}.
`;

export const stopping =
  '\nStopping: calls in progress may finish first.\nPress Ctrl-C again to stop at once.\n';
export const stopped = 'Stopped.\n';

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
