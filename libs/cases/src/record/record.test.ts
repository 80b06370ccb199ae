import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCases } from '../case/case.file.js';
import { play } from '../play/play.js';
import { projectOf } from '../project/project.js';
import { testFile } from '../test.file.js';
import { caseOf, textOfCases } from './record.js';

const file = resolve('examples/refund-desk/refund-request.cases.yaml');
const read = readCases(readFileSync(file, 'utf8'));
if (!read.ok) throw new Error(JSON.stringify(read.problems));
const cases = read.file;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-record-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const recorded = async (index: number, withPolicies: boolean) => {
  const { events } = await play(await projectOf(cases, dirname(file)), cases, index);
  return caseOf('case', events, { modules: [resolve(dirname(file), 'module.ts')], withPolicies });
};

describe.each(cases.cases.map(({ name }, index) => ({ name, index })))(
  'a run, recorded: $name',
  ({ index }) => {
    for (const withPolicies of [false, true]) {
      test(`plays again as it was, with ${withPolicies ? 'the policies of its module' : 'the verdicts of then'}`, async () => {
        const one = await recorded(index, withPolicies);
        expect(one.notes).toEqual([]);
        const path = join(folder, 'recorded.cases.yaml');
        writeFileSync(path, textOfCases(one));
        const again = await testFile(path);
        expect(again).toMatchObject({ played: true, ok: true });
      });
    }
  },
);

test('a recorded case holds what was answered, and who answered', async () => {
  const index = cases.cases.findIndex(({ name }) => name === 'a medium refund waits for a support lead');
  const { file: written } = await recorded(index, false);
  expect(written.cases[0]).toMatchObject({
    clock: '2026-01-01T00:00:00.000Z',
    tools: [
      { tool: 'orders.get', step: 'order' },
      { tool: 'refunds.quote', step: 'quote' },
      { tool: 'refunds.create', step: 'refund', compensate: { refundId: 'ref-1' } },
      { tool: 'mail.send', step: 'notify' },
    ],
    verdicts: [{ tool: 'refunds.create', approval: { required: 'single', approvers: ['support-lead'] } }],
    votes: [
      { by: { sub: 'carl', roles: ['clerk'] }, refused: 'wrong_role' },
      { by: { sub: 'lena', roles: ['support-lead'] }, vote: 'approve', after: 'PT20M' },
    ],
    expect: { status: 'completed', path: ['order', 'quote', 'decide', 'refund', 'notify'] },
  });
});

test('a run that was taken up again, recorded, plays again as it was', async () => {
  const document = `
workflow: looks
version: 1
purpose: Look at an order.
input: { type: object }
steps:
  look: { tool: desk.look, with: { id: o-1 } }
`;
  writeFileSync(join(folder, 'looks.workflow.yaml'), document);
  const path = join(folder, 'looks.cases.yaml');
  const down = { tool: 'desk.look', failure: { class: 'domain', code: 'down' }, times: 1 };
  const resumed = { resume: true, from: 'look', after: 'PT1H', reason: 'it is back' };
  const played = {
    workflow: './looks.workflow.yaml',
    modules: [resolve('libs/cases/test/desk.module.mjs')],
    cases: [
      {
        name: 'taken up again',
        input: {},
        tools: [down, { tool: 'desk.look', output: { amount: 7 } }],
        commands: [resumed],
        expect: { status: 'completed' },
      },
    ],
  };
  writeFileSync(path, JSON.stringify(played));
  const first = readCases(readFileSync(path, 'utf8'));
  if (!first.ok) throw new Error(JSON.stringify(first.problems));
  const { events } = await play(await projectOf(first.file, folder), first.file, 0);
  const one = caseOf('case', events, { modules: played.modules, withPolicies: false });
  expect(one.notes).toEqual([]);
  expect(one.file.cases[0]).toMatchObject({
    commands: [{ ...resumed, by: { sub: 'operator' } }],
    expect: { status: 'completed' },
  });
  writeFileSync(path, textOfCases({ ...one, file: { ...one.file, workflow: played.workflow } }));
  expect(await testFile(path)).toMatchObject({ played: true, ok: true });
});
