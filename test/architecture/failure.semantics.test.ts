import { existsSync, readFileSync } from 'node:fs';
import { allDefinitions, errorCatalogue, runLifeEvents } from '@interlock/contracts';
import { expect, test } from 'vitest';

/* docs/failure-semantics.md says what happens when something fails. Each row names the test that shows it, and each code its row. */

const [page = '', codes = ''] = readFileSync('docs/failure-semantics.md', 'utf8').split(
  '## Which row a code belongs to',
);
const rows = cellsOf(page, 'what happens');
const rowsOfCodes = cellsOf(codes, 'code');

/** The rows of every table of the text, without those that head and rule it. */
function cellsOf(text: string, head: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith(`| ${head} |`) && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .filter((cell) => cell !== ''),
    );
}

test('every row names a test that is there, by its file and the beginning of its title', () => {
  expect(rows.length).toBeGreaterThan(90);
  const missing = rows.flatMap((cells) => {
    const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(cells.at(-1) ?? '') ?? [];
    return cells.length === 5 && title !== '' && isTitled(file, title) ? [] : [cells[0]];
  });
  expect(missing).toEqual([]);
});

/** Begins a text of the file: a title, or what a table of cases gives to one. */
const isTitled = (file: string, title: string): boolean => {
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8');
  return ["'", '`', '} '].some((before) => text.includes(`${before}${title}`));
};

test('every event that it names is one of the log', () => {
  const known = new Set(allDefinitions().map(({ type }) => type));
  const groups = new Set([...known].map((type) => type.split('.')[0]));
  const ofRuns = new Set<string>(runLifeEvents.map(({ type }) => type));
  const named = rows.flatMap((cells) =>
    [...(cells[1] ?? '').matchAll(/`([a-z]+\.[a-z_]+)`/g)].map(([, type]) => type ?? ''),
  );
  const unknown = named.filter((type) => groups.has(type.split('.')[0] ?? '') && !known.has(type));
  expect(unknown.filter((type) => !quarantines.test(type))).toEqual([]);
  expect(named.filter((type) => ofRuns.has(type)).length).toBeGreaterThan(60);
});

/** Topics, not events. */
const quarantines = /\.(?:quarantine|events)$/;

test('every code with which a run or a step can end has a row, once', () => {
  const known = new Set(rows.map(([what]) => what));
  expect(rowsOfCodes.filter(([, row]) => !known.has(row)).map(([, row]) => row)).toEqual([]);
  const named = rowsOfCodes.flatMap(([cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code),
  );
  const ends = (['run', 'tool', 'model', 'call', 'value'] as const)
    .flatMap((part) => Object.keys(errorCatalogue[part]))
    .filter((code) => !refusals.has(code));
  expect(named.toSorted()).toEqual([...new Set(ends)].toSorted());
  expect([...refusals].filter((code) => !Object.hasOwn(errorCatalogue.run, code))).toEqual([]);
});

/** Codes that refuse a command, and end nothing. */
const refusals: ReadonlySet<string> = new Set([
  'run.conflict',
  'run.ended',
  'run.open',
  'run.closed',
  'run.not_escalated',
  'run.ending',
  'run.not_paused',
  'run.other_tenant',
  'run.paused',
  'run.unknown',
  'run.erased',
  'erase.open',
  'erase.child',
  'erase.no_store',
  'resume.pivot',
  'resume.happened',
  'resume.undone',
  'resume.fallback',
  'resume.nested',
  'resume.late',
  'resume.forgotten',
  'migrate.unsafe',
  'migrate.unknown_version',
  'migrate.same_version',
  'migrate.map',
  'migrate.child',
  'migrate.parked',
  'migrate.too_often',
  'form.not_open',
  'form.opened_later',
  'form.role',
  'form.value',
  'question.not_open',
  'question.person',
  'rollback.pivot',
  'signal.unknown',
  'signal.too_many',
  'step.happened',
  'step.not_parked',
  'step.parked_later',
  'step.no_call',
  'step.not_in_doubt',
  'step.unknown',
  'resolve.output',
  'resolve.unknown_tool',
]);
