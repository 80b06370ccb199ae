import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parseRunFilter } from '@interlock/language';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isLess } from '../byte-order.js';
import type { RunRow } from '../read-store.js';
import { RunTable, runSchema } from '../run.table.js';
import { fits } from './predicate.match.js';
import type { RunFacets } from './run.facets.js';
import { type RunPlace, searchRuns } from './run.search.js';

let db: DatabaseSync;
let table: RunTable;
beforeEach(() => {
  db = new DatabaseSync(':memory:');
  db.exec(runSchema);
  const statements = new Map<string, StatementSync>();
  table = new RunTable((text) => {
    const known = statements.get(text) ?? db.prepare(text);
    statements.set(text, known);
    return known;
  });
});
afterEach(() => db.close());

type Known = RunFacets & { readonly tenant: string; readonly words: string };

const facets: fc.Arbitrary<Omit<Known, 'runId'>> = fc.record({
  tenant: fc.constantFrom('', 'acme'),
  status: fc.constantFrom('running', 'failed', 'completed'),
  workflow: fc.constantFrom('refund', 'refund-late', 'order'),
  version: fc.integer({ min: 1, max: 3 }),
  requester: fc.constantFrom('olga', 'otto'),
  started: fc.integer({ min: 0, max: 5 }),
  waiting: fc.subarray(['approval', 'signal']),
  tools: fc.subarray(['mail.send', 'orders.get']),
  approvers: fc.subarray(['lena', 'finn']),
  search: fc.record(
    {
      customer: fc.constantFrom('cus-1', 'cus-2', '7'),
      amount: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('7', 'many')),
      paid: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
  words: fc.constantFrom('broken lamp', 'lamp', 'a chair'),
}) as never;

const rowOf = ({ tenant, words, ...known }: Known): RunRow => ({
  run: known.runId,
  tenant,
  status: known.status,
  workflow: known.workflow,
  started: known.started,
  seq: 1,
  request: '',
  facets: JSON.stringify(known),
  body: known.runId,
  words,
});

const atom = fc.constantFrom(
  'run.status == "failed"',
  'run.status != "failed"',
  'run.status in ["running", "failed"]',
  'run.workflow.startsWith("refund")',
  'run.version >= 2',
  'run.requester == "olga"',
  'run.startedAt > timestamp("1970-01-01T00:00:00.002Z")',
  'run.startedAt <= timestamp("1970-01-01T00:00:00.004Z")',
  'run.waiting == "approval"',
  'run.tool != "mail.send"',
  '"orders.get" in run.tools',
  'run.tools in ["mail.send", "orders.get"]',
  'run.approver == "lena"',
  'run.search.customer == "cus-1"',
  'run.search.customer == "7"',
  'run.search.customer == "cus-2"',
  '(run.tool == "mail.send" || run.tool == "orders.get")',
  'run.search.amount > 4',
  'run.search.amount < 4',
  'run.search.amount == 7',
  'run.search.amount >= "7"',
  'run.search.amount < "m"',
  'run.search.paid',
  '!run.search.paid',
  'has(run.search.amount)',
  'run.success',
);
const joint: fc.Arbitrary<string> = fc.oneof(
  atom,
  fc.tuple(atom, atom).map(([a, b]) => `${a} && ${b}`),
  fc.tuple(atom, atom, atom).map(([a, b, c]) => `${a} && (${b} || !(${c}))`),
  fc.tuple(atom, atom, atom).map(([a, b, c]) => `(${a} || ${b}) && ${c}`),
  atom.map((one) => `run.text.contains("lamp") && ${one}`),
);

/** All that fit, newest first, a page after the other. */
async function found(reach: string, filter: string, limit: number): Promise<string[]> {
  const runs: string[] = [];
  const predicate = parseRunFilter(filter);
  for (let before: RunPlace | undefined; ; ) {
    const page = await searchRuns(table.within(reach), { predicate, before, limit });
    runs.push(...page.runs.map(({ run }) => run));
    if (page.next === undefined) return runs;
    before = page.next;
  }
}

const newest = (a: Known, b: Known) =>
  a.started === b.started ? (isLess(a.runId, b.runId) ? 1 : -1) : b.started - a.started;

test('whatever is asked and whichever index is walked, exactly the runs that fit are found, newest first, each once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(facets, { minLength: 1, maxLength: 30 }),
      fc.array(fc.tuple(fc.nat(29), facets), { maxLength: 10 }),
      fc.array(joint, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('', 'acme', '*'),
      fc.integer({ min: 1, max: 7 }),
      async (begun, moves, filters, reach, limit) => {
        db.exec('DELETE FROM runs; DELETE FROM facets; DELETE FROM words');
        const known = new Map(begun.map((one, at) => [`run-${at}`, { ...one, runId: `run-${at}` }]));
        table.write([...known.values()].map(rowOf));
        for (const [at, one] of moves) {
          const runId = `run-${at % begun.length}`;
          known.set(runId, { ...one, runId });
          table.write([rowOf({ ...one, runId })]);
        }
        for (const filter of filters) {
          const predicate = parseRunFilter(filter);
          const expected = [...known.values()]
            .filter((one) => reach === '*' || one.tenant === reach)
            .filter((one) => fits(predicate, one))
            .filter((one) => !filter.includes('text.contains') || one.words.includes('lamp'))
            .sort(newest)
            .map(({ runId }) => runId);
          expect(await found(reach, filter, limit), filter).toEqual(expected);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('the most selective part is walked: a rare value among many runs costs a look at no other', async () => {
  const many = Array.from(
    { length: 3_000 },
    (_, at): Known => ({
      ...plain,
      runId: `run-${String(at).padStart(4, '0')}`,
      started: at,
      search: at % 1_000 === 0 ? { customer: 'rare' } : {},
    }),
  );
  table.write(many.map(rowOf));
  const within = table.within('');
  let looked = 0;
  const counting: typeof within = {
    ...{ sizes: within.sizes.bind(within), holding: within.holding.bind(within) },
    candidates(...given) {
      const candidates = within.candidates(...given) as readonly never[];
      looked += candidates.length;
      return candidates;
    },
  };
  const predicate = parseRunFilter('run.status == "failed" && run.search.customer == "rare"');
  const { runs } = await searchRuns(counting, { predicate, before: undefined, limit: 10 });
  expect(runs.map(({ run }) => run)).toEqual(['run-2000', 'run-1000', 'run-0000']);
  expect(looked).toBe(3);
});

test('a page ends after a bounded look, and says where to go on', async () => {
  const many = Array.from(
    { length: 6_000 },
    (_, at): Known => ({
      ...plain,
      runId: `run-${String(at).padStart(4, '0')}`,
      started: at,
      version: at === 0 ? 2 : 1,
    }),
  );
  table.write(many.map(rowOf));
  const predicate = parseRunFilter('run.version != 1');
  const first = await searchRuns(table.within(''), { predicate, before: undefined, limit: 10 });
  expect(first.runs).toEqual([]);
  const second = await searchRuns(table.within(''), { predicate, before: first.next, limit: 10 });
  expect(second.runs.map(({ run }) => run)).toEqual(['run-0000']);
  expect(second.next).toBeUndefined();
});

test.each([
  ['lamp', ['b', 'a']],
  ['BROKEN lämp', ['a']],
  ['"broken lamp"', ['a']],
  ['"lamp broken"', []],
  ['bro*', ['a']],
  ['lamp NOT broken', []],
  ['broken:lamp', ['a']],
  ['"', []],
  ['***', []],
])('the words %s are found', async (text, expected) => {
  table.write([
    rowOf({ ...plain, runId: 'a', started: 1, words: 'a broken lamp' }),
    rowOf({ ...plain, runId: 'b', started: 2, words: 'the lamp is whole' }),
  ]);
  const predicate = { kind: 'words', at: 1, text } as const;
  const { runs } = await searchRuns(table.within(''), { predicate, before: undefined, limit: 10 });
  expect(runs.map(({ run }) => run)).toEqual(expected);
});

const plain: Omit<Known, 'runId'> = {
  tenant: '',
  status: 'failed',
  workflow: 'w',
  version: 1,
  requester: 'olga',
  started: 0,
  waiting: [],
  tools: [],
  approvers: [],
  search: {},
  words: '',
};
