// Every script finds what it imports: a moved export is found here, and not by whoever starts it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What the compiler says of a module or an export that is not there, of a dynamic import too. Its other findings in untyped code do not count. */
const missing = /error TS(?:1192|2305|2306|2307|2459|2460|2497|2613|2614|2724|2834|2835)\b|typeof import\(/;

const tsc = join(root, 'node_modules', 'tsc7', 'bin', 'tsc');
const { stdout, stderr, status } = spawnSync(
  process.execPath,
  [tsc, '-p', 'tsconfig.scripts.json', '--pretty', 'false'],
  {
    cwd: root,
    encoding: 'utf8',
  },
);
const errors = stdout.split('\n').filter((line) => line.includes(': error '));
const found = errors.filter((line) => missing.test(line));
const isBroken = status !== 0 && errors.length === 0;
process.stderr.write(isBroken ? `${stdout}${stderr}` : found.map((line) => `${line}\n`).join(''));
process.exit(found.length > 0 || isBroken ? 1 : 0);
