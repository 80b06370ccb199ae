// The simulator: seeds of the real services under faults, in virtual time.
//   npm run sim -- --seeds 300 --from 1        many seeds; stops at nothing, names every seed that fails
//   npm run sim -- --seed 17 --trace           one seed, everything that happens
//   npm run sim -- --schedules --seeds 300     with schedules, that start runs of their own
//   npm run sim -- --migrations --seeds 300    drawn documents in two versions, and operators who migrate runs back and forth
//   npm run sim -- --bug NAME --seeds 300      with a rule taken back: stops at the first seed that finds it
//   npm run sim -- --documents drawn --coverage  documents that each seed draws, and which transitions met which faults
import { parseArgs } from 'node:util';
import { addCoverage, coverageTable, simulate } from '@interlock/simulation';
import { migrationBugs } from './bugs/migration.bugs.ts';
import { scheduleBugs } from './bugs/schedule.bugs.ts';
import { plantedBugs } from './planted-bugs.ts';
import { product } from './product.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '300' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    bug: { type: 'string' },
    documents: { type: 'string', default: 'fixed' },
    coverage: { type: 'boolean', default: false },
    schedules: { type: 'boolean', default: false },
    migrations: { type: 'boolean', default: false },
  },
});
const bug = [...plantedBugs, ...scheduleBugs, ...migrationBugs].find(({ name }) => name === values.bug);
if (values.bug !== undefined && bug === undefined) {
  console.error(`unknown bug ${values.bug}; known are ${plantedBugs.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const drawn = values.documents === 'drawn' ? ' --documents drawn' : '';
const first = Number(values.seed ?? values.from);
const last = values.seed === undefined ? first + Number(values.seeds) - 1 : first;
const totals = { seeds: 0, failed: 0, virtualMs: 0 };
const counts = {};
const ends = {};
const asked = {};
const coverage = new Map();
const startedAt = performance.now();

for (let seed = first; seed <= last; seed += 1) {
  const trace = values.trace ? (line) => console.log(line) : undefined;
  const { schedules, migrations } = values;
  const documents = migrations ? 'drawn' : (bug?.documents ?? values.documents);
  const simulated = await simulate(seed, product, { bug, trace, schedules, documents, migrations });
  if (values.coverage) addCoverage(coverage, simulated);
  totals.seeds += 1;
  totals.virtualMs += simulated.virtualMs;
  add(counts, simulated.counts);
  add(ends, simulated.ends);
  add(asked, simulated.asked);
  if (simulated.violations.length > 0) {
    totals.failed += 1;
    report(simulated);
    if (bug) break;
  }
  if (process.stderr.isTTY) process.stderr.write(`\r${totals.seeds} seeds, ${totals.failed} failed `);
}
if (process.stderr.isTTY) process.stderr.write('\r');
summarize();
if (values.coverage) console.log(coverageTable(coverage));
// With a bug planted, finding it is the success.
process.exitCode = totals.failed > 0 === (bug !== undefined) ? 0 : 1;

function add(into, from) {
  for (const [name, count] of Object.entries(from)) into[name] = (into[name] ?? 0) + count;
}

function report({ seed, description, violations }) {
  console.log(`seed ${seed}: ${description}`);
  for (const { invariant, run, message } of violations.slice(0, 5))
    console.log(`  ${invariant}${run ? ` ${run}` : ''}: ${message}`);
  if (violations.length > 5) console.log(`  and ${violations.length - 5} more`);
  console.log(`  npm run sim -- --seed ${seed} --trace${bug ? ` --bug ${bug.name}` : ''}${drawn}`);
}

function summarize() {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const hours = (totals.virtualMs / 3_600_000).toFixed(1);
  console.log(`${totals.seeds} seeds in ${seconds} s, ${hours} h of virtual time, ${totals.failed} failed`);
  console.log(`  ${textOf(counts)}`);
  console.log(`  runs: ${textOf(ends)}`);
  console.log(`  people were asked: ${textOf(asked)}`);
}

function textOf(totals) {
  return Object.entries(totals)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
