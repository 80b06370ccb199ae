import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFile } from '@interlock/authority';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportOf, PartitionUnderTest } from './partition.fixture.js';

const works = (program: string, flag: string): boolean => spawnSync(program, [flag]).status === 0;
const isAuditorHere = works('python3', '--version') && works('openssl', 'version');

/** The verifier that docs/evidence.md shows, run as it stands there. In CI what it needs has to be there. */
describe.skipIf(!isAuditorHere && !process.env.CI)('the verifier in the documentation', () => {
  let home: string;
  let texts: string[];
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'interlock-audit-'));
    const page = readFileSync(new URL('../../../../docs/evidence.md', import.meta.url), 'utf8');
    writeFileSync(join(home, 'audit.py'), /```python\n(.*?)```/s.exec(page)?.[1] ?? '');
    const keys = KeyFile.open(join(home, 'keys', 'evidence.json'));
    writeFileSync(join(home, 'keys.json'), JSON.stringify(keys.keySet()));
    const partition = new PartitionUnderTest();
    const host = partition.claim();
    for (const time of [1, 2, 3]) await host.write('run', 'step.completed', { step: 'Ä' }, time);
    texts = exportOf('run', partition.accepted('run'), keys.current, Date.UTC(2026, 10, 23));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  function audit(lines: readonly string[]): { status: number | null; out: string } {
    writeFileSync(join(home, 'run.ndjson'), `${lines.join('\n')}\n`);
    const { status, stdout } = spawnSync('python3', ['audit.py', 'run.ndjson', 'keys.json'], { cwd: home });
    return { status, out: String(stdout) };
  }

  test('takes what we export', () => {
    expect(audit(texts)).toEqual({
      status: 0,
      out: 'ok: 3 events of run, signed 2026-11-23T00:00:00.000Z\n',
    });
  });

  test.each([
    ['a changed event', () => texts.map((text) => text.replace('step.completed', 'step.skipped'))],
    ['a dropped event', () => texts.toSpliced(1, 1)],
    ['a cut tail', () => texts.toSpliced(2, 1)],
    ['no head', () => texts.slice(0, -1)],
    ['another signature', () => texts.map((text) => text.replace(/"time":"2026/, '"time":"2025'))],
  ])('refuses %s', (_what, change) => {
    expect(audit(change()).status).toBe(1);
  });
});
