// npm run acls: writes deploy/kafka/acls/ from the topic table. --check: says what differs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acls, topicSettings, topics } from '../libs/contracts/dist/index.js';
import { aclFiles } from './acls.files.mjs';

const target = fileURLToPath(new URL('../deploy/kafka/acls', import.meta.url));
const checking = process.argv.includes('--check');
const differing = [];
for (const [name, text] of aclFiles(acls(), topics, topicSettings)) {
  const file = join(target, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  differing.push(name);
  if (checking) continue;
  mkdirSync(target, { recursive: true });
  writeFileSync(file, text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
}
if (checking && differing.length > 0) {
  process.stderr.write(
    `deploy/kafka/acls differs from the topic table; run \`npm run acls\`: ${differing.join(', ')}\n`,
  );
  process.exit(1);
}
