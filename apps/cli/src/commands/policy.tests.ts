import { type BundleTestResult, testBundle } from '@interlock/cases';
import { plain } from '@interlock/contracts';
import { z } from 'zod';
import { counted, readable, showFindings, signOf } from '../case.results.js';
import { defineCliCommand, type ExitCode, exitCodes } from '../command.js';
import type { Output } from '../output.js';
import { showProblems } from '../workflow.problems.js';

export const policyTest = defineCliCommand({
  name: 'policy test',
  summary:
    'Ask a bundle of policies the questions of its tests, with the engine of the product, without a server.',
  arguments: [['file', 'a bundle with its tests, YAML or JSON']],
  options: z.object({}),
  example: 'policy test examples/refund-desk/policies.tests.yaml',

  async run(_options, [file = ''], { output }): Promise<ExitCode> {
    const tested = await readable('the tests', file, testBundle);
    if (!tested.played) {
      output.json({ ok: false, file: tested.of, problems: tested.problems });
      showProblems(tested.of, tested.problems, output);
      return exitCodes.refused;
    }
    const { ok, bundle, tests } = tested;
    output.json({ ok, file, bundle, tests });
    showTests(file, tests, output);
    return ok ? exitCodes.done : exitCodes.refused;
  },
});

function showTests(file: string, tests: readonly BundleTestResult[], output: Output): void {
  for (const { name, ok, problems, answer } of tests) {
    const said = answer === undefined ? 'policy was not asked' : `${answer.verdict}: ${answer.reason}`;
    output.line(plain(`${signOf(ok, output)}  ${name}  ${said}`));
    showFindings(file, problems, output);
  }
  const failed = tests.filter(({ ok }) => !ok).length;
  const count = counted(tests.length, 'test');
  output.line(failed === 0 ? `${count}, all as expected` : `${count}, ${failed} failed`);
}
