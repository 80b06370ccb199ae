// npm run schemas: writes what is generated from the contracts: schemas/, the gateway's openapi.json, docs/errors.md. --check: says what differs.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from './generated.files.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = generatedFiles();
const checking = process.argv.includes('--check');
const differing = [];

for (const [name, text] of wanted) {
  const file = join(root, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  differing.push(name);
  if (checking) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
for (const name of schemasThere()) {
  if (wanted.has(name)) continue;
  differing.push(`${name} (no longer generated)`);
  if (!checking) rmSync(join(root, name));
}
if (checking && differing.length > 0) {
  process.stderr.write(
    `These files differ from the contracts; run \`npm run schemas\`:\n${differing.map((name) => `  ${name}\n`).join('')}`,
  );
  process.exit(1);
}
process.stdout.write(
  `${wanted.size} generated files, ${differing.length} ${checking ? 'differ' : 'written'}\n`,
);

/** The files below schemas/ that come from here: everything but what is written by hand. */
function schemasThere() {
  const folder = join(root, 'schemas');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => /^schemas\/(messages\/|audit\/|documents\/|asyncapi\.json$)/.test(name));
}
