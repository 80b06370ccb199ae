// npm test: everything that needs nothing but this checkout. With CI set, or -- --all, also what needs Kafka (Java, Maven) and spin;
// there a missing part fails. Ends with the line `N passed, N failed`. Other arguments go to vitest: npm test -- libs/log
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const all = process.argv.includes('--all') || Boolean(process.env.CI);
const filters = process.argv.slice(2).filter((argument) => argument !== '--all');
const results = mkdtempSync(join(tmpdir(), 'interlock-test-'));
const env = { ...process.env, ...(all ? { CI: 'true', SIM_SEEDS: process.env.SIM_SEEDS ?? '150' } : {}) };

/** Whole systems and real dependencies. */
const slow = all ? ['.e2e.test.ts', '.int.test.ts'] : ['.e2e.test.ts'];
const system = (project) => [
  ...['--config', 'vitest.int.config.ts', '--project', project],
  ...(filters.length > 0 ? filters : slow),
];

/**
 * One after another; what stands in one of them runs at the same time. The scenarios on Kafka spend half their time waiting for sessions
 * of killed processes to run out, and have one Kafka, so one scenario at a time: others use the machine meanwhile.
 */
const phases = [
  { unit: ['--config', 'vitest.config.ts', ...filters] },
  { beside: system('beside another'), kafka: system('on Kafka') },
  { alone: system('alone') },
];

const sum = { passed: 0, failed: 0, skipped: 0 };
/** Named once more at the end: a long log may be read from there only. */
const failedTests = [];
for (const phase of phases) {
  const runs = Object.entries(phase).map(([name, args], at) => run(name, args, at === 0));
  for (const { passed, failed, skipped, failures } of await Promise.all(runs)) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    failedTests.push(...failures);
  }
}
rmSync(results, { recursive: true, force: true });
for (const failure of failedTests) process.stdout.write(`FAILED ${failure}\n`);
process.stdout.write(
  `${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}\n`,
);
process.exit(sum.failed === 0 && sum.passed > 0 ? 0 : 1);

/** @param hasTerminal the others print lines between its own, and draw nothing */
async function run(name, args, hasTerminal) {
  const file = join(results, `${name}.json`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    '--passWithNoTests',
  ];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: root,
    env,
    stdio: hasTerminal ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  const [status] = await once(child, 'exit');
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, testResults } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    // A file that cannot be loaded has no tests that could fail, and an error outside a test fails none.
    const broken = numFailedTests === 0 && (numFailedTestSuites > 0 || status !== 0) ? 1 : 0;
    const failures = failuresIn(testResults);
    if (broken > 0 && failures.length === 0) failures.push(`${name}: an error outside every test`);
    return { passed: numPassedTests, failed: numFailedTests + broken, skipped: numPendingTests, failures };
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, failures: [`${name}: no results: ${error.message}`] };
  }
}

/** Each failed test with the beginning of its error; of a file that cannot be loaded, its error. */
function failuresIn(files) {
  return files.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${beginningOf(message)}`] : [];
    return failed.map(
      ({ fullName, failureMessages }) => `${file}: ${fullName}: ${beginningOf(failureMessages[0])}`,
    );
  });
}

function beginningOf(text = '') {
  const lines = stripVTControlCharacters(text).split('\n');
  return lines.slice(0, 12).join('\n    ').slice(0, 1_000);
}
