// npm test: everything that needs nothing but this checkout. With CI set, or -- --all, also what needs Kafka (Java, Maven) and spin;
// there a missing part fails. Ends with the line `N passed, N failed`. Other arguments go to vitest: npm test -- libs/log
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const all = process.argv.includes('--all') || Boolean(process.env.CI);
const filters = process.argv.slice(2).filter((argument) => argument !== '--all');
const results = mkdtempSync(join(tmpdir(), 'interlock-test-'));
const env = { ...process.env, ...(all ? { CI: 'true', SIM_SEEDS: process.env.SIM_SEEDS ?? '300' } : {}) };

/** Whole systems and real dependencies. */
const slow = all ? ['.e2e.test.ts', '.int.test.ts'] : ['.e2e.test.ts'];
const phases = [
  ['unit', ['--config', 'vitest.config.ts', ...filters]],
  ['system', ['--config', 'vitest.int.config.ts', ...(filters.length > 0 ? filters : slow)]],
];

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const [name, args] of phases) {
  const { passed, failed, skipped } = run(name, args);
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
}
rmSync(results, { recursive: true, force: true });
process.stdout.write(
  `${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}\n`,
);
process.exit(sum.failed === 0 && sum.passed > 0 ? 0 : 1);

function run(name, args) {
  const file = join(results, `${name}.json`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    '--passWithNoTests',
  ];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    // A file that cannot be loaded has no tests that could fail, and an error outside a test fails none.
    const broken = numFailedTests === 0 && (numFailedTestSuites > 0 || status !== 0) ? 1 : 0;
    return { passed: numPassedTests, failed: numFailedTests + broken, skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
