import type { CallRequested, Influence } from '@interlock/contracts';
import {
  cedarDecimal,
  cedarRecord,
  cedarValue,
  entityTypes,
  NESTING_MAX,
  nestingOf,
  type Question,
} from '@interlock/policy';
import type { z } from 'zod';
import type { PublishedTool } from './published-tools.js';

export type RequestedCall = z.output<typeof CallRequested.schema>;

/** Bytes of JSON of an output that policies may read. A larger one is searched, but `context has output` is false. */
export const OUTPUT_BYTES_MAX = 65_536;
/** A call with larger or deeper arguments in the log is denied unread: policy must see all of what it allows. */
export const ARGUMENTS_BYTES_MAX = 262_144;

/** Why arguments cannot be judged; undefined when they can. */
export function unjudgeable(argumentsOfCall: unknown, bytesMax = Infinity): string | undefined {
  if (nestingOf(argumentsOfCall) > NESTING_MAX) return `the arguments are nested deeper than ${NESTING_MAX}`;
  const bytes = bytesOf(argumentsOfCall);
  return bytes > bytesMax ? `the arguments have ${bytes} bytes, more than ${bytesMax}` : undefined;
}

/** May this call be made? */
export function questionBefore(
  call: RequestedCall,
  tool: PublishedTool,
  given: unknown,
  approved: boolean,
  influencedBy: readonly Influence[],
): Question {
  const { occurrence, attempt, recovery, purpose } = call;
  return {
    action: 'tool.call',
    principal: principalOf(call.principal),
    resource: tool.entity,
    context: {
      ...aboutTool(tool),
      arguments: cedarValue(given ?? {}, tool.input) ?? {},
      occurrence,
      attempt,
      recovery,
      purpose,
      approved,
      ...proposerIn(call),
      ...aboutModels(influencedBy),
    },
  };
}

/** May this output travel further? */
export function questionAfter(
  principal: RequestedCall['principal'],
  tool: PublishedTool,
  output: unknown,
  findings: readonly string[],
  influencedBy: readonly Influence[],
): Question {
  const outputBytes = bytesOf(output);
  const isReadable = outputBytes <= OUTPUT_BYTES_MAX && nestingOf(output) <= NESTING_MAX;
  const value = isReadable ? cedarValue(output, tool.output) : undefined;
  return {
    action: 'tool.result',
    principal: principalOf(principal),
    resource: tool.entity,
    context: {
      ...aboutTool(tool),
      outcome: 'succeeded',
      ...(value !== undefined && { output: value }),
      outputBytes,
      findings: [...findings],
      ...aboutModels(influencedBy),
    },
  };
}

export function principalOf({ workflow, ...attributes }: RequestedCall['principal']): Question['principal'] {
  return {
    uid: { type: 'Workflow', id: workflow.toWellFormed() },
    attrs: cedarRecord(attributes, entityTypes.Workflow),
    parents: [],
  };
}

/** Absent from a call that no model proposed. */
function proposerIn({ agent }: RequestedCall): Question['context'] {
  if (agent === undefined) return {};
  const { level, model, confidence } = agent;
  return { agent: { level, model: model.toWellFormed(), confidence: cedarDecimal(confidence) } };
}

/** `influencedBy` holds the ids of agent steps. */
export const aboutModels = (influencedBy: readonly Influence[]) => ({
  influenced: influencedBy.length > 0,
  influencedBy: influencedBy.map(({ step }) => step.toWellFormed()),
});

function aboutTool({ manifest: { name, effect, risk, audience } }: PublishedTool) {
  return { tool: name, effect, risk, audience };
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
