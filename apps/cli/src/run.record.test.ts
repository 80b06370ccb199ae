import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run as runAgainst } from './server.fixture.js';

/** Nothing listens there. */
const run = (line: readonly string[]) => runAgainst('http://127.0.0.1:9', line);
const module = resolve('examples/refund-desk/module.ts');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-record-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(['cancelled', 'denied', 'granted', 'paused', 'rolled-back'])(
  'a run of a real system, as it was exported (%s), becomes a case that comes out as the run did',
  async (name) => {
    const recorded = await run(['run', 'record', `test/golden/export-${name}.ndjson`, '--module', module]);
    expect(recorded).toMatchObject({ code: 0, error: '' });
    const file = join(folder, 'recorded.cases.yaml');
    writeFileSync(file, recorded.out);
    expect(await run(['workflow', 'test', file])).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 case, all as expected'),
    });
  },
);

test('a case tells a workflow that does something else now', async () => {
  const { out } = await run(['run', 'record', 'test/golden/export-granted.ndjson', '--module', module]);
  const file = join(folder, 'recorded.cases.yaml');
  writeFileSync(file, out.replace(/(tool: refunds\.quote[\s\S]*?amountCents: )/, '$11'));
  const tested = await run(['workflow', 'test', file]);
  expect(tested.code).toBe(1);
  expect(tested.out).toMatch(
    /recorded\.cases\.yaml:\d+:\d+: cases\[0\]\.expect\.calls\[\d\]\.arguments\.amountCents: expected/,
  );
});

test('of an export that was changed no case is made', async () => {
  const lines = readFileSync('test/golden/export-granted.ndjson', 'utf8').split('\n');
  const file = join(folder, 'changed.ndjson');
  writeFileSync(file, lines.toSpliced(2, 1).join('\n'));
  expect(await run(['run', 'record', file])).toMatchObject({
    code: 1,
    out: '',
    error: expect.stringContaining('no case can be made of'),
  });
});
