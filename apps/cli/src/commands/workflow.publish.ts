import type { PublishAnswer } from '@interlock/contracts/http';
import { parseSource } from '@interlock/language';
import { z } from 'zod';
import { RefusedError } from '../client.js';
import { defineCliCommand, type ExitCode, exitCodes } from '../command.js';
import { readText } from '../json.argument.js';
import { showProblems } from '../workflow.problems.js';

const identity = z.object({ workflow: z.string().min(1), version: z.number().int().min(1) });

export const workflowPublish = defineCliCommand({
  name: 'workflow publish',
  summary: 'Publish a workflow; a version stands for one document for ever.',
  arguments: [['file', 'YAML or JSON']],
  options: z.object({}),
  example: 'workflow publish refund-request.workflow.yaml',

  async run(_options, [file = ''], { client, output }): Promise<ExitCode> {
    const document = await readText('the workflow', file);
    const parsed = parseSource(document);
    const named = identity.safeParse(parsed.ok ? parsed.value : undefined);
    if (!parsed.ok || !named.success) {
      const problems = parsed.ok
        ? [
            {
              path: '',
              message: 'a workflow says its name (workflow) and its version, a whole number from 1',
            },
          ]
        : parsed.problems;
      output.json({ ok: false, file, problems });
      showProblems(file, problems, output);
      return exitCodes.refused;
    }
    const { workflow: name, version } = named.data;
    try {
      const { body } = await client.command<PublishAnswer>('/v1/artifacts', {
        kind: 'workflow',
        name,
        version,
        document,
      });
      output.json({ ok: true, name, version, ...body });
      output.line(`${name}@${version} is published, hash ${body.hash}`);
      output.line(`Start it: ${output.next(`run start ${name} --input FILE`)}`);
      return exitCodes.done;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.problem.status !== 422) throw error;
      const { errors = [], detail } = error.problem;
      const problems = errors.length === 0 ? [{ path: '', message: detail }] : errors;
      output.json({ ok: false, file, problems });
      showProblems(file, problems, output);
      return exitCodes.refused;
    }
  },
});
