import type { ToolManifest } from '@interlock/contracts';
import { embedded, type JsonSchema } from '@interlock/schema';
import type { PlanRequest } from '../deferred-plans.js';
import {
  answerDocument,
  askArguments,
  askingDocument,
  callArguments,
  finishArguments,
  formOf,
} from './answer.schema.js';
import { ASK, FINISH, functionNameOf } from './function-names.js';

export type Listed = Pick<ToolManifest, 'name' | 'description' | 'input' | 'effect'>;

/**
 * A function for each tool, and one that gives the output. The tool's own arguments stand below `arguments`, beside what the
 * model says of the call: so confidence and reasons come with every proposal, and clash with no field of a tool.
 */
export function functionsOf(
  tools: readonly Listed[],
  output: JsonSchema | undefined,
  ask: PlanRequest['ask'],
) {
  return [
    ...tools.map(({ name, description, input, effect }) => ({
      type: 'function' as const,
      function: {
        name: functionNameOf(name),
        description: `Proposes a call of ${name} (${effect}): ${description}`,
        parameters: formOf(callArguments, { arguments: embedded(input, '/properties/arguments') }),
      },
    })),
    {
      type: 'function' as const,
      function: {
        name: FINISH,
        description: 'Gives the result of the step, once you know it. Nothing is called after it.',
        parameters: formOf(finishArguments, { output: outputForm(output) }),
      },
    },
    ...(ask === undefined ? [] : [askFunction(ask)]),
  ];
}

const askFunction = ({ left }: NonNullable<PlanRequest['ask']>) => ({
  type: 'function' as const,
  function: {
    name: ASK,
    description: `Asks the person whom this serves, where nothing else tells you. They may take long to answer; you get the answer, or that there was none, in the next round. Questions left: ${left}.`,
    parameters: formOf(askArguments, {}),
  },
});

const outputForm = (output: JsonSchema | undefined): JsonSchema =>
  output === undefined ? {} : embedded(output, '/properties/output');

/** One document for a whole answer: each call is of a listed tool, with arguments of its form. */
export function answerFormat(
  tools: readonly Listed[],
  output: JsonSchema | undefined,
  ask: PlanRequest['ask'],
) {
  const calls = tools.map(({ name, input }, index) => ({
    type: 'object',
    properties: {
      tool: { const: name },
      arguments: embedded(input, `/properties/calls/items/anyOf/${index}/properties/arguments`),
      occurrence: { type: 'integer', minimum: 1 },
    },
    required: ['tool', 'arguments'],
  }));
  const items = calls.length === 0 ? { not: {} } : { anyOf: calls };
  const places = {
    calls: { type: 'array', items, maxItems: calls.length === 0 ? 0 : 20 },
    output: outputForm(output),
  };
  return {
    type: 'json_schema' as const,
    json_schema: {
      name: 'proposal',
      schema: formOf(ask === undefined ? answerDocument : askingDocument, places),
    },
  };
}
