import { modulesCatalogue, ProjectError } from '@interlock/cases';
import { type ArtifactKind, plain } from '@interlock/contracts';
import {
  compileWorkflow,
  type LanguageCatalogue,
  type NamedArtifact,
  publishedCatalogue,
} from '@interlock/language';
import { z } from 'zod';
import { type Client, UnreachableError } from '../client.js';
import { defineCliCommand, type ExitCode, exitCodes, UsageError } from '../command.js';
import { readText } from '../json.argument.js';
import { findIn, readArtifacts } from '../published.artifacts.js';
import { showProblems } from '../workflow.problems.js';

export const workflowCheck = defineCliCommand({
  name: 'workflow check',
  summary:
    'Compile a workflow here, with what the server has published, or modules bring: tools, tables, schemas, workflows that it starts.',
  arguments: [['file', 'YAML or JSON']],
  options: z.object({
    module: z
      .array(z.string().min(1))
      .max(100)
      .default([])
      .describe('What brings them, in place of a server; may be given several times'),
  }),
  example: 'workflow check examples/refund-desk/refund-request.workflow.yaml',

  async run({ module: modules }, [file = ''], { client, output }): Promise<ExitCode> {
    const source = await readText('the workflow', file);
    const { catalogue, module } = modules.length > 0 ? await broughtBy(modules) : await publishedBy(client);
    const compilation = compileWorkflow(source, catalogue, module);
    if (!compilation.ok) {
      output.json({ ok: false, file, problems: compilation.problems });
      showProblems(file, compilation.problems, output);
      return exitCodes.refused;
    }
    const { name, version, steps } = compilation.workflow;
    output.json({ ok: true, file, name, version, hash: compilation.hash });
    output.line(`${name}@${version} is fine: ${steps.length} steps, hash ${compilation.hash}`);
    output.line(`Publish it: ${output.next(`workflow publish ${file}`)}`);
    return exitCodes.done;
  },
});

/** What a document may name, and the module that it is of. */
interface Scope {
  readonly catalogue: LanguageCatalogue;
  readonly module?: string | undefined;
}

/** @throws {UsageError} a module does not load */
async function broughtBy(modules: readonly string[]): Promise<Scope> {
  try {
    return await modulesCatalogue(modules);
  } catch (error) {
    throw error instanceof ProjectError ? new UsageError(plain(error.message)) : error;
  }
}

async function publishedBy(client: Client): Promise<Scope> {
  const published = await readPublished(client);
  const all = (kind: ArtifactKind) => published.get(kind) ?? [];
  const catalogue = publishedCatalogue((kind, name, version) => findIn(all(kind), name, version), {
    names: (kind) => all(kind).map(({ name }) => name),
  });
  return { catalogue };
}

const kinds = ['tool', 'table', 'schema', 'workflow', 'prompt', 'trigger'] as const;

async function readPublished(client: Client): Promise<ReadonlyMap<ArtifactKind, readonly NamedArtifact[]>> {
  try {
    return new Map(
      await Promise.all(kinds.map(async (kind) => [kind, await readArtifacts(client, kind)] as const)),
    );
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const what =
      'a check needs the tools, tables, schemas and workflows that the document names, as they are published';
    throw new UnreachableError(error.url, `${error.why}; ${what}`, { cause: error });
  }
}
