import { testFile } from '@interlock/cases';
import { z } from 'zod';
import { readable, showCases } from '../case.results.js';
import { defineCliCommand, type ExitCode, exitCodes, UsageError } from '../command.js';
import { showProblems } from '../workflow.problems.js';

export const workflowTest = defineCliCommand({
  name: 'workflow test',
  summary: 'Play the cases of a file with the product’s own cores, on a simulated clock, without a server.',
  arguments: [['file', 'cases, YAML or JSON']],
  options: z.object({ case: z.string().min(1).optional().describe('Only the case of this name') }),
  example: 'workflow test examples/refund-desk/refund-request.cases.yaml',

  async run({ case: only }, [file = ''], { output }): Promise<ExitCode> {
    const tested = await readable('the cases', file, (path) => testFile(path, only));
    if (!tested.played) {
      output.json({ ok: false, file: tested.of, problems: tested.problems });
      showProblems(tested.of, tested.problems, output);
      return exitCodes.refused;
    }
    const { ok, workflow, cases } = tested;
    if (cases.length === 0) throw new UsageError(`${file} holds no case "${only}"`);
    output.json({ ok, file, workflow, cases });
    showCases(file, cases, output);
    return ok ? exitCodes.done : exitCodes.refused;
  },
});
