// npm run schemas: writes a JSON Schema for every message and an AsyncAPI document into schemas/. --check: says what differs.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemaFiles } from '../libs/contracts/dist/schemas/index.js';

const target = fileURLToPath(new URL('../schemas', import.meta.url));
const wanted = schemaFiles();
const checking = process.argv.includes('--check');
const differing = [];

for (const [name, text] of wanted) {
  const file = join(target, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  differing.push(name);
  if (checking) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
for (const name of generated()) {
  if (wanted.has(name)) continue;
  differing.push(`${name} (no longer generated)`);
  if (!checking) rmSync(join(target, name));
}
if (checking && differing.length > 0) {
  process.stderr.write(
    `schemas/ differs from the contracts; run \`npm run schemas\`:\n${differing.map((name) => `  ${name}\n`).join('')}`,
  );
  process.exit(1);
}
process.stdout.write(`${wanted.size} schemas, ${differing.length} ${checking ? 'differ' : 'written'}\n`);

/** Files that come from here: everything but what is written by hand. */
function generated() {
  if (!existsSync(target)) return [];
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => relative(target, join(entry.parentPath, entry.name)))
    .filter((name) => name.startsWith('messages/') || name.startsWith('audit/') || name === 'asyncapi.json');
}
