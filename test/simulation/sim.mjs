// The simulator: seeds of the real services under faults, in virtual time.
//   npm run sim -- --seeds 300 --from 1        many seeds; stops at nothing, names every seed that fails
//   npm run sim -- --seed 17 --trace           one seed, everything that happens
//   npm run sim -- --schedules --seeds 300     with schedules, that start runs of their own
//   npm run sim -- --migrations --seeds 300    drawn documents in two versions, and operators who migrate runs back and forth;
//                                              with --documents talking: such ones
//   npm run sim -- --stops --documents drawn   operators stop calls, and lift that again; goes with all others
//   npm run sim -- --bug NAME --seeds 300      with a rule taken back: stops at the first seed that finds it
//   npm run sim -- --documents drawn --coverage  documents that each seed draws, and which transitions met which faults
//   npm run sim -- --documents talking         the same with agents, forms and service levels
//   npm run sim -- --threads 2 --json FILE     in two threads; FILE holds what all seeds came to, with coverage. Where it is there
//                                              already, the run goes on behind the last seed that it holds
import { parseArgs } from 'node:util';
import { coverageTable } from '@interlock/simulation';
import { addResult, noTotals, readTotals, writeTotals } from './seeds.totals.ts';
import { everyBug, resultOf, resultsOf } from './seeds.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '300' },
    from: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    bug: { type: 'string' },
    documents: { type: 'string', default: 'fixed' },
    coverage: { type: 'boolean', default: false },
    schedules: { type: 'boolean', default: false },
    migrations: { type: 'boolean', default: false },
    stops: { type: 'boolean', default: false },
    threads: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const { bug, schedules, migrations, stops, json } = values;
const documents = migrations && values.documents === 'fixed' ? 'drawn' : values.documents;
if (bug !== undefined && !everyBug.some(({ name }) => name === bug))
  refuse(`unknown bug ${bug}; known are ${everyBug.map(({ name }) => name).join(', ')}`);
if (!['fixed', 'drawn', 'talking', 'large'].includes(documents))
  refuse('--documents is fixed, drawn, talking or large');
const threads = count('threads', values.threads);
if (values.seed !== undefined && json !== undefined) refuse('--json is for many seeds, not for --seed');
if (values.seed === undefined && values.trace) refuse('--trace shows one seed: name it with --seed');

const earlier = json === undefined ? undefined : readTotals(json);
const from = count('from', values.seed ?? values.from ?? earlier?.next ?? 1);
if (earlier !== undefined && earlier.next !== from)
  refuse(`${json} ends in front of seed ${earlier.next}: leave --from out, or name another file`);
const totals = earlier ?? noTotals(from);
const to = values.seed === undefined ? from + count('seeds', values.seeds) - 1 : from;
const options = {
  documents,
  schedules,
  migrations,
  stops,
  coverage: values.coverage || json !== undefined,
  bug,
};
/** What shows a seed again, besides its number. */
const kind =
  (schedules ? ' --schedules' : '') +
  (stops ? ' --stops' : '') +
  (migrations ? ' --migrations' : '') +
  (documents === (migrations ? 'drawn' : 'fixed') ? '' : ` --documents ${documents}`);

/** What a run that is cut off loses at most, and how often it says how far it is, ms. */
const SAVED_EVERY_MS = 15_000;
const TOLD_EVERY_MS = 60_000;
const startedAt = performance.now();
const secondsBefore = totals.seconds;
let savedAt = startedAt;
let toldAt = startedAt;

const results =
  values.seed === undefined
    ? resultsOf(from, to, options, threads)
    : [await resultOf(from, options, values.trace ? (line) => console.log(line) : undefined)];
for await (const result of results) {
  addResult(totals, result);
  totals.seconds = secondsBefore + (performance.now() - startedAt) / 1_000;
  if (result.violations.length > 0) report(result);
  if (result.violations.length > 0 && bug !== undefined) break;
  const now = performance.now();
  if (json !== undefined && now - savedAt > SAVED_EVERY_MS) {
    writeTotals(json, totals);
    savedAt = now;
  }
  if (process.stderr.isTTY || now - toldAt > TOLD_EVERY_MS) {
    tell();
    toldAt = now;
  }
}
if (json !== undefined) writeTotals(json, totals);
if (process.stderr.isTTY) process.stderr.write('\r');
summarize();
if (values.coverage) console.log(coverageTable(coverageIn(totals)));
// With a bug planted, finding it is the success.
process.exitCode = totals.failed.length > 0 === (bug !== undefined) ? 0 : 1;

function refuse(why) {
  console.error(why);
  process.exit(2);
}

function count(name, text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) refuse(`--${name} is a whole number from 1, not ${text}`);
  return value;
}

function tell() {
  const done = totals.next - from;
  const aMinute = Math.round((done * 60_000) / (performance.now() - startedAt));
  const line = `${done} of ${to - from + 1} seeds, ${totals.failed.length} failed, ${aMinute} a minute `;
  process.stderr.write(process.stderr.isTTY ? `\r${line}` : `${line}\n`);
}

function report({ seed, description, violations }) {
  console.log(`seed ${seed}: ${description}`);
  for (const { invariant, run, message } of violations.slice(0, 5))
    console.log(`  ${invariant}${run ? ` ${run}` : ''}: ${message}`);
  if (violations.length > 5) console.log(`  and ${violations.length - 5} more`);
  console.log(`  npm run sim -- --seed ${seed} --trace${bug ? ` --bug ${bug}` : ''}${kind}`);
}

function summarize() {
  const { next, from: first, seconds, virtualMs, failed, counts, ends, asked } = totals;
  const hours = (virtualMs / 3_600_000).toFixed(1);
  console.log(
    `${next - first} seeds in ${seconds.toFixed(1)} s, ${hours} h of virtual time, ${failed.length} failed`,
  );
  console.log(`  ${textOf(counts)}`);
  console.log(`  runs: ${textOf(ends)}`);
  console.log(`  people were asked: ${textOf(asked)}`);
}

function coverageIn({ coverage }) {
  return new Map(
    Object.entries(coverage).map(([transition, met]) => [transition, new Map(Object.entries(met))]),
  );
}

function textOf(counted) {
  return Object.entries(counted)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');
}
