import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run as runAgainst } from './server.fixture.js';

/** Nothing listens there. */
const run = (line: readonly string[]) => runAgainst('http://127.0.0.1:9', line);

/** The text that a guide says to save under this name. */
function savedIn(guide: string, name: string): string {
  const text = readFileSync(`docs/guides/${guide}.md`, 'utf8');
  const [, block = ''] = text
    .split(`\`${name}\``)
    .slice(1)
    .join('')
    .split(/```[a-z]+\n/);
  return block.split('```')[0] ?? '';
}

test('what the guides say to save passes the check and the cases that they show', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-guides-'));
  const save = (guide: string, name: string): string => {
    writeFileSync(join(folder, name), savedIn(guide, name));
    return join(folder, name);
  };
  const notes = save('first-tool', 'notes.ts');
  const announce = save('first-workflow', 'announce.yaml');
  const cases = save('first-workflow', 'announce.cases.yaml');
  const checked = await run(['workflow', 'check', announce, '--module', notes]);
  expect(checked).toMatchObject({ code: 0, out: expect.stringContaining('announce@1 is fine: 3 steps') });
  expect(await run(['workflow', 'test', cases])).toMatchObject({
    code: 0,
    out: expect.stringContaining('2 cases, all as expected'),
  });
  rmSync(folder, { recursive: true });
});
