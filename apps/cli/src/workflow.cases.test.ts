import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run as runAgainst } from './server.fixture.js';

/** Nothing listens there: cases need no server. */
const run = (line: readonly string[]) => runAgainst('http://127.0.0.1:9', line);
const example = 'examples/refund-desk/refund-request.cases.yaml';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-cases-'));
  file = join(folder, 'cases.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the cases of the refund desk come out as expected, and say so', async () => {
  const { code, out } = await run(['workflow', 'test', example]);
  expect(code).toBe(0);
  expect(out).toContain(
    'ok    a small refund is paid at once  completed, 5 steps, 4 calls, 0.000 s on its clock\n',
  );
  expect(out).toMatch(/\d+ cases, all as expected\n$/);
});

test('one that comes out otherwise ends with 1, and names the place in the file', async () => {
  const waiting = { wait: { for: 'PT1H' } };
  const workflow = {
    workflow: 'pause',
    version: 1,
    purpose: 'Wait.',
    input: { type: 'object' },
    steps: { rest: waiting },
  };
  writeFileSync(join(folder, 'pause.json'), JSON.stringify(workflow));
  writeFileSync(
    file,
    'workflow: ./pause.json\ncases:\n  - name: short\n    input: {}\n    expect:\n      path: [sleep]\n',
  );
  const { code, out } = await run(['workflow', 'test', file]);
  expect(code).toBe(1);
  expect(out).toBe(
    `FAIL  short  completed, 1 step, 0 calls, 1 h 0 min on its clock
      ${file}:6:14: cases[0].expect.path[0]: expected ["sleep"], got ["rest"]
      It did: steps rest; calls none
1 case, 1 failed
`,
  );
  const json = await run(['workflow', 'test', file, '--json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    ok: false,
    workflow: 'pause@1',
    cases: [{ name: 'short', problems: [{ line: 6, expected: ['sleep'], got: ['rest'] }] }],
  });
});

test('what names no file says what it is', async () => {
  expect((await run(['workflow', 'test', folder])).error).toContain('is a folder: name a file');
  expect((await run(['workflow', 'check', folder])).error).toContain('is a folder: name a file');
  expect((await run(['workflow', 'test', file])).error).toContain('is not there');
});

test('a file of cases that is refused ends with 1, and one that is not there with 2', async () => {
  writeFileSync(file, 'workflow: ./pause.json\ncases:\n  - { name: idle, input: {}, expect: {} }\n');
  const refused = await run(['workflow', 'test', file]);
  expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('the case asserts nothing') });
  expect(await run(['workflow', 'test', join(folder, 'none.yaml')])).toMatchObject({ code: 2 });
  expect(await run(['workflow', 'test', example, '--case', 'none'])).toMatchObject({
    code: 2,
    error: expect.stringContaining('holds no case "none"'),
  });
});

test('policies are asked the questions of their tests: 0, and 1 when one answers otherwise', async () => {
  const tests = 'examples/refund-desk/policies.tests.yaml';
  const { code, out } = await run(['policy', 'test', tests]);
  expect(code).toBe(0);
  expect(out).toMatch(/^ok {4}a small refund needs nobody {2}allow: permitted by refund-small\n/);
  const bundle = {
    policies: [{ id: 'all', text: 'permit (principal, action, resource);' }],
    tests: [
      {
        name: 'none',
        question: {
          action: 'tool.call',
          principal: { uid: { type: 'Workflow', id: 'w' } },
          resource: { uid: { type: 'Tool', id: 't' } },
        },
        expect: { verdict: 'deny' },
      },
    ],
  };
  writeFileSync(file, JSON.stringify(bundle));
  const failing = await run(['policy', 'test', file, '--json']);
  expect(failing.code).toBe(1);
  expect(JSON.parse(failing.out)).toMatchObject({
    ok: false,
    tests: [{ name: 'none', ok: false, answer: { verdict: 'allow', policies: ['all'] } }],
  });
  expect(await run(['policy', 'test', join(folder, 'none.yaml')])).toMatchObject({ code: 2 });
});

test('the schema of each document is printed as it is published', async () => {
  for (const document of ['workflow', 'table', 'cases', 'policy-tests']) {
    const { code, out } = await run(['workflow', 'schema', '--of', document]);
    expect(code).toBe(0);
    expect(out).toBe(readFileSync(`schemas/documents/${document}.schema.json`, 'utf8'));
  }
  expect(await run(['workflow', 'schema', '--of', 'poem'])).toMatchObject({ code: 2 });
});
