import { plain } from '@interlock/contracts';
import { readDocument } from '@interlock/language';
import { z } from 'zod';
import { defineCliCommand, type ExitCode, exitCodes } from '../command.js';
import { readText } from '../json.argument.js';
import { graphDot, graphOf, graphText } from '../workflow.graph.js';
import { showProblems } from '../workflow.problems.js';

export const workflowGraph = defineCliCommand({
  name: 'workflow graph',
  summary: 'Draw the steps of a workflow; needs no server.',
  arguments: [['file', 'YAML or JSON']],
  options: z.object({ dot: z.boolean().default(false).describe('For Graphviz: ... --dot | dot -Tsvg') }),
  example: 'workflow graph examples/refund-desk/refund-request.workflow.yaml',

  async run({ dot }, [file = ''], { output }): Promise<ExitCode> {
    const read = readDocument(await readText('the workflow', file));
    const refuse = (problems: Parameters<typeof showProblems>[1]) => {
      output.json({ ok: false, file, problems });
      showProblems(file, problems, output);
      return exitCodes.refused;
    };
    if (!read.ok) return refuse(read.problems);
    const { workflow, version } = read.document;
    const { nodes, cycles } = graphOf(read.document);
    if (cycles.length > 0)
      return refuse(
        cycles.map((cycle) => {
          const path = `steps.${cycle[0]}`;
          return {
            path,
            message: `waits for itself: ${cycle.join(' -> ')}`,
            ...read.locate(['steps', cycle[0] ?? '']),
          };
        }),
      );
    output.json({ workflow, version, steps: nodes });
    if (!dot) output.line(output.style('bold', `${workflow}@${version}`));
    for (const line of dot ? graphDot(`${workflow}@${version}`, nodes) : graphText(nodes))
      output.line(plain(line));
    return exitCodes.done;
  },
});
