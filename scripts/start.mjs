// npm start: all services in one process on the embedded log, the example's order system beside it, sixty requests worked, and then it
// keeps serving. start.page.mjs has the words.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DirectoryInUseError, lockDirectory } from '@interlock/broker/embedded';
import { shellWord } from '@interlock/contracts';
import { optionsOf, refuse } from './arguments.mjs';
import { createDirectory, openLogFile } from './log.file.mjs';
import { news, parsed, shown, troubleIn } from './log.lines.mjs';
import { readinessAt } from './readiness.mjs';
import { startRefundDesk, usesRefundDesk } from './refund-desk.mjs';
import * as page from './start.page.mjs';
import { stopOnSignals, supervise } from './supervisor.mjs';

const ASKED_EVERY_MS = 20;
/** After this it says what is still waited for. */
const SHOWN_AFTER_MS = 60_000;

const options = optionsOf({ logs: { type: 'boolean' } }, page.usage);
const root = fileURLToPath(new URL('..', import.meta.url));
const startedAt = Date.now();
const env = { ...process.env };
const dataDir = env.INTERLOCK_DATA_DIR || '.interlock';
const logFile = join(dataDir, 'logs', 'interlock.log');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Says something to people, or the same to programs. */
const tell = (text, event) => process.stdout.write(options.json ? `${JSON.stringify(event)}\n` : text);

let orders;
let interlock;
/** Where Interlock serves, once it does. */
let address;
const stop = async () => {
  await interlock?.stop();
  await orders?.stop();
};
stopOnSignals(stop, {
  stopping: () => tell(page.stopping, { event: 'stopping' }),
  stopped: () => tell(page.stopped, { event: 'stopped' }),
});

tell(page.heading(version), { event: 'starting', version });
if (!env.KAFKA_BROKERS) refuseWhereInUse();
if (usesRefundDesk(env) && !env.REFUND_DESK_URL) {
  const { orders: started, url } = await startRefundDesk(root, env);
  orders = started;
  env.REFUND_DESK_URL = url;
}
const late = setTimeout(showWaiting, SHOWN_AFTER_MS);
const { url, published } = await served();
await ready(url);
clearTimeout(late);
const readyMs = Date.now() - startedAt;
const logs = options.logs ? 'this terminal' : logFile;
tell(page.serving({ url, readyMs, published, dataDir, logs }), {
  event: 'ready',
  url,
  readyMs,
  published,
  dataDir,
  ...(!options.logs && { logFile }),
});

let runs = {};
if ((env.INTERLOCK_DEMO || '1') === '1' && usesRefundDesk(env) && trustsDevelopmentKey()) {
  const { runDemo } = await import('../examples/refund-desk/demo.ts');
  const { refundRequests } = await import('../examples/refund-desk/requests.ts');
  const { keysDirectoryOf } = await import('@interlock/authority');
  if (!options.json) process.stdout.write(page.demoBegins(refundRequests().length));
  const progress = options.json ? () => undefined : page.progressOn(process.stdout);
  const demo = await runDemo({ url, keysDirectory: keysDirectoryOf(env) }, progress);
  tell(page.outcomes(demo), { event: 'demonstrated', ...demo });
  if (demo.unexpected.length > 0) process.exitCode = 1;
  runs = demo.runs;
}
if (!options.json) process.stdout.write(page.whatNext(runs, settingsOf(url)) + page.goesOn(dataDir));

/** Interlock would refuse as well, but only after the order system had opened the files of the one that runs. */
function refuseWhereInUse() {
  createDirectory(dataDir);
  try {
    lockDirectory(dataDir).release();
  } catch (error) {
    if (error instanceof DirectoryInUseError) refuse(error.message);
    // Whatever else is wrong with it, Interlock says.
  }
}

async function showWaiting() {
  const said = await readinessAt(address);
  const readiness = said === 'ready' ? 'publishing what its modules bring' : said;
  tell(page.stillWaiting(readiness), { event: 'waiting', readiness });
}

/** Runs every service; resolves with its address and what is published, once that is done. */
function served() {
  const log = options.logs ? undefined : openLogFile(logFile);
  const isNews = news();
  return new Promise((resolve) => {
    interlock = supervise({
      name: 'interlock',
      argv: [join(root, 'apps/all/dist/main.js')],
      env,
      onLine(line) {
        const { published } = parsed(line);
        if (line.startsWith('http')) address ??= line;
        else if (published !== undefined) resolve({ url: address, published });
        else log?.write(line);
      },
      onLog(line) {
        log?.write(line);
        if (options.logs) return process.stderr.write(`${shown(line)}\n`);
        const said = troubleIn(line);
        if (said !== undefined && isNews(said)) process.stderr.write(`${said}\n`);
      },
      async onExit(code) {
        if (code !== 2) return;
        await stop();
        process.exit(2);
      },
    });
  });
}

/** The demo signs with the key of this installation; an issuer's tokens are not its to make. */
function trustsDevelopmentKey() {
  return env.INTERLOCK_MODE !== 'production' && !env.INTERLOCK_JWKS_FILE && !env.INTERLOCK_JWKS_URL;
}

/** What the command line needs in another terminal to find this server and its keys. */
function settingsOf(url) {
  // A URL does not name the port that is its scheme's own.
  const port = new URL(url).port || '80';
  return [
    ...['INTERLOCK_DATA_DIR', 'INTERLOCK_KEYS_DIR', 'INTERLOCK_HOST'].flatMap((name) =>
      env[name] ? [`${name}=${shellWord(env[name])}`] : [],
    ),
    ...(port === '7400' ? [] : [`INTERLOCK_PORT=${port}`]),
  ];
}

async function ready(url) {
  while ((await readinessAt(url)) !== 'ready')
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS));
}
