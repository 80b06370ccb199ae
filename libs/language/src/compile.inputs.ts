import type { JsonSchema } from '@interlock/schema';
import type { CatalogueTool, LanguageCatalogue } from './catalogue.js';
import type { CompiledStep, CompiledWorkflow } from './compiled.js';
import { everyStepIn } from './compiled.walk.js';
import { formOfCompiled } from './step/index.js';

/** The catalogue, and by their hashes the tools that were found in it. */
export function remembering(catalogue: LanguageCatalogue): {
  readonly catalogue: LanguageCatalogue;
  readonly found: ReadonlyMap<string, CatalogueTool>;
} {
  const found = new Map<string, CatalogueTool>();
  const tool = (reference: string): CatalogueTool | undefined => {
    const one = catalogue.tool(reference);
    if (one !== undefined) found.set(one.hash, one);
    return one;
  };
  return {
    catalogue: {
      tool,
      table: (name, version) => catalogue.table(name, version),
      workflow: (reference) => catalogue.workflow?.(reference),
      prompt: (name, version) => catalogue.prompt?.(name, version),
      ...(catalogue.trigger !== undefined && { trigger: catalogue.trigger }),
      schema: (reference) => catalogue.schema?.(reference),
      whyNot: (kind, reference) => catalogue.whyNot?.(kind, reference),
    },
    found,
  };
}

/** What each tool takes that a run of these steps may call, to act or to undo. */
export function inputsOf(
  steps: readonly CompiledStep[],
  tools: ReadonlyMap<string, CatalogueTool>,
): CompiledWorkflow['inputs'] {
  const hashes = everyStepIn(steps)
    .flatMap((step) => formOfCompiled(step).calls(step))
    .flatMap(({ toolHash, compensate }) => [
      toolHash,
      ...(compensate === undefined ? [] : [compensate.tool.toolHash]),
    ]);
  const entries = [...new Set(hashes)].flatMap((hash): [string, JsonSchema][] => {
    const tool = tools.get(hash);
    return tool === undefined ? [] : [[hash, tool.input]];
  });
  return Object.fromEntries(entries);
}
