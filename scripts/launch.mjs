// Every npm script comes through here: it makes sure of the dependencies, of Node 24 and of a fresh build, and then hands over.
// Runs on Node 20 without any dependency.
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node24 = join(root, 'node_modules', 'node', 'bin', 'node');
const NODE_MAJOR = 24;
/** TypeScript 7. The package `typescript` is 6, for the Nest CLI, which asks the compiler's API that 7 has not. */
const tsc = join(root, 'node_modules', 'tsc7', 'bin', 'tsc');

/** Command, and what it needs built: [script, needs a build]. */
const commands = {
  start: ['scripts/start.mjs', true],
  services: ['scripts/services.mjs', true],
  test: ['scripts/test.mjs', true],
  check: ['scripts/check.mjs', true],
  schemas: ['scripts/schemas.mjs', true],
  acls: ['scripts/acls.mjs', true],
  kafka: ['scripts/kafka.mjs', false],
  bench: ['test/bench/bench.mjs', true],
  sim: ['test/simulation/sim.mjs', true],
  cli: ['apps/cli/dist/main.js', true],
  build: [undefined, true],
  prepare: [undefined, true],
};

const [, , name, ...args] = process.argv;
const command = commands[name];
if (command === undefined) fail(`unknown command ${name}; known are ${Object.keys(commands).join(', ')}`, 2);

if (args.length === 1 && args[0] === '--version') {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  process.stdout.write(`interlock ${version}\n`);
  process.exit(0);
}

// npm calls this one itself at the end of an install. An install with `-w` or `--omit=dev` has no compiler: nothing to build.
if (name !== 'prepare') install();
else if (!existsSync(tsc) || !existsSync(node24) || process.env.npm_config_package_lock_only) process.exit(0);
if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR)
  handOver(node24, [fileURLToPath(import.meta.url), name, ...args]);
else {
  const [script, needsBuild] = command;
  if (needsBuild) build();
  if (script !== undefined) {
    process.argv = [process.execPath, join(root, script), ...args];
    await import(pathToFileURL(join(root, script)).href);
  }
}

function install() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (
    existsSync(node24) &&
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  )
    return;
  process.stderr.write('Installing dependencies from the lockfile ...\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail('npm ci failed: what it printed above says why. Correct that and start again.', 1);
  if (!existsSync(node24))
    fail('npm ci did not install Node 24: run `npm rebuild node` and look at its output', 1);
}

/** Compiles when a source is newer than the last build. */
function build() {
  const stamp = join(root, 'node_modules', '.cache', 'interlock-build');
  if (existsSync(stamp) && newest() <= statSync(stamp).mtimeMs) return;
  if (!existsSync(tsc))
    fail(
      'the TypeScript compiler is not installed (`--omit=dev` and NODE_ENV=production leave it out): run `npm ci --include=dev`',
      1,
    );
  link();
  const startedAt = new Date();
  const { status } = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0)
    fail(
      'the build failed: correct what the compiler names above, then `npm run build`. Dependencies are installed.',
      1,
    );
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, startedAt.toISOString());
}

/** Links packages of this repository that have come since the last install: they bring nothing that has to be fetched. */
function link() {
  for (const group of ['libs', 'apps']) {
    for (const one of readdirSync(join(root, group))) {
      const file = join(root, group, one, 'package.json');
      if (!existsSync(file)) continue;
      const path = join(root, 'node_modules', JSON.parse(readFileSync(file, 'utf8')).name);
      if (!existsSync(path)) symlinkSync(join('..', '..', group, one), path);
    }
  }
}

/** When the newest source was changed, ms. */
function newest() {
  let latest = statSync(join(root, 'tsconfig.base.json')).mtimeMs;
  for (const group of ['libs', 'apps']) {
    for (const one of readdirSync(join(root, group))) {
      const dist = join(root, group, one, 'dist');
      if (existsSync(join(root, group, one, 'tsconfig.json')) && !existsSync(dist))
        return Number.POSITIVE_INFINITY;
      for (const file of readdirSync(join(root, group, one), { recursive: true })) {
        if (!file.startsWith('src') && file !== 'tsconfig.json' && file !== 'package.json') continue;
        latest = Math.max(latest, statSync(join(root, group, one, file)).mtimeMs);
      }
    }
  }
  return latest;
}

/** Runs `file` in this process's place. */
function handOver(file, argv) {
  const env = { ...process.env, PATH: `${dirname(node24)}:${process.env.PATH}` };
  const child = spawn(file, argv, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}

function fail(message, code) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
