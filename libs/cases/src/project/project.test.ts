// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileWorkflow } from '@interlock/language';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { modulesCatalogue } from './project.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-project-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const document = (workflow: string, steps: object) => ({
  workflow,
  version: 1,
  purpose: 'p',
  input: { type: 'object' },
  steps,
});

test('what a document names and a module brings broken is named with its own problem, not as missing', async () => {
  const file = join(folder, 'sums.module.mjs');
  // biome-ignore lint/suspicious/noThenProperty: the word of the document format; never awaited
  const table = { id: 'sums', rules: [{ when: 'true', then: '${total(input.amounts)}' }] };
  const child = document('child', { rest: { wait: { for: 'soon' } } });
  writeFileSync(
    file,
    `export default () => (${JSON.stringify({ tables: [table], workflows: [child, document('decider', { a: { decide: 'sums' } })] })});`,
  );
  const { catalogue } = await modulesCatalogue([file]);
  const problemsOf = (step: object) => {
    const compilation = compileWorkflow(document('parent', { a: step }), catalogue);
    return compilation.ok ? [] : compilation.problems.map(({ message }) => message);
  };
  expect(problemsOf({ decide: 'sums' })).toEqual([
    expect.stringMatching(/^the table "sums" is refused itself: rules\[0\]\.then: .*total/),
  ]);
  expect(problemsOf({ workflow: 'child@1' })).toEqual([
    expect.stringMatching(/^the workflow "child" is refused itself: steps\.rest\.wait/),
  ]);
  expect(problemsOf({ decide: 'others' })).toEqual(['there is no decision table "others"']);
});
