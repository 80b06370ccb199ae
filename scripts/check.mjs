// npm run check: format and lint, types of everything with its tests, what scripts import, import table, schemas.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const tsc = join(root, 'node_modules', 'tsc7', 'bin', 'tsc');
const checks = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types', process.execPath, [tsc, '-p', 'tsconfig.check.json']],
  ['imports of scripts', process.execPath, [join(root, 'scripts/script.imports.mjs')]],
  ['import table', bin('vitest'), ['run', 'test/architecture']],
  ['schemas', process.execPath, [join(root, 'scripts/schemas.mjs'), '--check']],
  ['Kafka ACLs', process.execPath, [join(root, 'scripts/acls.mjs'), '--check']],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}\n`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
