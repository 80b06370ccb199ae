import type { JsonSchema } from '@interlock/schema';
import type { LanguageCatalogue } from './catalogue.js';
import type { CompiledBudget, CompiledStep, CompiledWorkflow } from './compiled.js';
import { everyStepIn } from './compiled.walk.js';
import { isPlainObject } from './json-guard.js';
import { limits } from './limits.js';
import type { Path, Report } from './problem.js';
import type { Lookup } from './step/form.js';
import { holdsExpression, parseTemplate } from './template.js';

/* What a step that starts a child knows of it: the workflow is pinned by its hash, so all of it is known here. */

/**
 * Finds the workflow. Only what is published can be found, so no workflow starts itself; chains of different ones, versions of one
 * among them, are bounded.
 */
export function lookUpChild(
  at: Path,
  reference: string,
  catalogue: LanguageCatalogue,
  report: Report,
): Lookup {
  const child = catalogue.workflow?.(reference);
  if (child === undefined) {
    report(
      at,
      catalogue.whyNot?.('workflow', reference) ??
        `there is no published workflow "${reference}": a workflow starts only what was published before it`,
    );
    return {};
  }
  const depth = 1 + depthOf(child.compiled);
  if (depth > limits.familyDepthMax)
    report(
      at,
      `"${reference}" would make ${depth} runs one below the other; at most ${limits.familyDepthMax}`,
    );
  return { child };
}

/** Runs that stand one below the other where the workflow is started, its own among them. */
export const depthOf = ({ steps }: Pick<CompiledWorkflow, 'steps'>): number =>
  1 + Math.max(0, ...childrenIn(steps).map(({ depth }) => depth));

/** Whether a model may lead to what a run of it gives. */
export const mayActIn = ({ steps }: Pick<CompiledWorkflow, 'steps'>): boolean =>
  everyStepIn(steps).some((step) =>
    step.kind === 'agent'
      ? step.agent.levelMax === 'assisted'
      : step.kind === 'workflow' && step.mayAct === true && step.detached !== true,
  );

/** What a run of it may use at most. One that asks no model takes no tokens from its parent. */
export function childBudget({ budget, steps }: CompiledWorkflow): CompiledBudget {
  const asksModels = everyStepIn(steps).some(
    (step) =>
      step.kind === 'agent' || (step.kind === 'workflow' && step.detached !== true && step.budget.tokens > 0),
  );
  return asksModels ? budget : { ...budget, tokens: 0 };
}

const childrenIn = (steps: readonly CompiledStep[]) =>
  everyStepIn(steps).filter((step) => step.kind === 'workflow');

export const detachedOutput: JsonSchema = {
  type: 'object',
  properties: { runId: { type: 'string' } },
  required: ['runId'],
  additionalProperties: false,
};

/** Schema of the output of a run, as far as its template says it; undefined: it may be anything. */
export function childOutput({ output, inputSchema }: CompiledWorkflow): JsonSchema | undefined {
  return output === undefined ? undefined : schemaOf(output, inputSchema);
}

function schemaOf(template: unknown, input: JsonSchema): JsonSchema | undefined {
  if (typeof template === 'string') return schemaOfText(template, input);
  if (typeof template === 'number' || typeof template === 'boolean') return { type: typeof template };
  if (Array.isArray(template)) return { type: 'array' };
  if (!isPlainObject(template)) return undefined;
  const properties = Object.entries(template).map(([key, part]) => [key, schemaOf(part, input) ?? {}]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: Object.keys(template),
    additionalProperties: false,
  };
}

/** Mere text, or an expression that hands on a field of the input. */
function schemaOfText(text: string, input: JsonSchema): JsonSchema | undefined {
  if (!holdsExpression(text)) return { type: 'string' };
  const [first, ...more] = parseTemplate(text);
  if (more.length > 0 || first === undefined || typeof first === 'string') return { type: 'string' };
  const path = /^\s*input((?:\.\w+)+)\s*$/.exec(first.text)?.[1];
  return path === undefined ? undefined : fieldIn(input, path.split('.').slice(1));
}

function fieldIn(schema: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  let found: unknown = schema;
  for (const name of path) {
    const properties = isPlainObject(found) && !('$ref' in found) ? found.properties : undefined;
    found = isPlainObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  }
  return isPlainObject(found) && typeof found.type === 'string' ? { type: found.type } : undefined;
}
