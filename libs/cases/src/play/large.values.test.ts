// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CaseFolder } from '../../test/case.folder.js';

let folder: CaseFolder;
beforeEach(() => {
  folder = new CaseFolder();
});
afterEach(() => folder.remove());

/** Fetches a list, sends all of it, and gives all of it. */
const document = `
workflow: desk
version: 1
purpose: Sends a list as it is.
input: { type: object, required: [id], additionalProperties: false, properties: { id: { type: string } } }
output: { count: "\${size(steps.list.output.items)}", whole: "\${steps.list.output}" }
steps:
  list: { tool: desk.list, with: { id: "\${input.id}" } }
  send: { needs: [list], tool: desk.send, with: { document: "\${steps.list.output}" } }
`;

test.each([
  ['the same', 'x', true],
  ['another one', 'y', false],
])('values of 140 KB are given, passed on whole and expected: %s', async (_name, letter, isMet) => {
  const [given, expected] = ['x', letter].map((one) => JSON.stringify({ items: [one.repeat(140_000), 'b'] }));
  const { ok } = await folder.test(
    `cases:
  - name: one
    input: { id: o-1 }
    tools:
      - { tool: desk.list, output: ${given} }
      - { tool: desk.send, arguments: { document: ${expected} }, output: {} }
    expect: { status: completed, output: { count: 2, whole: ${expected} } }`,
    document,
  );
  expect(ok).toBe(isMet);
});
