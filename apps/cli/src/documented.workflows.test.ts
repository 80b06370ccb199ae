import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from './server.fixture.js';

const module = 'apps/cli/src/documented.module.fixture.ts';
const folder = mkdtempSync(join(tmpdir(), 'interlock-documented-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every whole workflow in the documents, as somebody copies it. */
const documented = globSync('docs/**/*.md')
  .sort()
  .flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/```yaml\n(workflow: ([a-z-]+)\nversion: (\d+)\n.*?)```/gs)].map(
      ([, text = '', name = '', version = '']) => ({ file, name, version, text }),
    ),
  );

test('the documents hold whole workflows', () => {
  expect(documented.map(({ name, version }) => `${name}@${version}`)).toEqual(
    expect.arrayContaining(['announce@1', 'parcel@1', 'parcel@2', 'restock@1', 'trip@1']),
  );
});

test.each(documented)(
  '$name@$version of $file passes the check as it stands',
  async ({ name, version, text }) => {
    const file = join(folder, `${name}-${version}.yaml`);
    writeFileSync(file, text.replace('supplier.order@2', 'supplier.order'));
    const { code, out } = await run('http://127.0.0.1:9', ['workflow', 'check', file, '--module', module]);
    expect([code, out]).toEqual([0, expect.stringContaining(`${name}@${version} is fine`)]);
  },
);
