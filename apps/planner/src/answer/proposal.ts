import { type Failure, hashOf, type Proposal, type ProposedCall, proposal } from '@interlock/contracts';
import { z } from 'zod';
import { answerDocument, callArguments, finishArguments, type Said } from '../request/answer.schema.js';
import { FINISH, toolNameOf } from '../request/function-names.js';
import type { FunctionCall } from './completion.js';
import { malformed } from './malformed.js';

/** It travels on in several events; longer than this is no plan. */
const PROPOSAL_CHARS_MAX = 100_000;
/** Everything that reads it does so by recursion. */
const DEPTH_MAX = 100;

/** A proposal in function calls: one a call of a tool, and `Finish` for the output. */
export function proposalFromFunctions(
  functions: readonly FunctionCall[],
  offered: ReadonlySet<string>,
): Proposal | Failure {
  const calls: ProposedCall[] = [];
  const said: Said[] = [];
  let finished: { readonly output: unknown } | undefined;
  for (const { name, arguments: text } of functions) {
    const given = jsonOf(text);
    if (!isObject(given)) return malformed(`the arguments of ${name} are not a JSON object`);
    if (name === FINISH) {
      const parsed = finishArguments.safeParse(given);
      if (!parsed.success) return malformed(`${FINISH}: ${z.prettifyError(parsed.error)}`);
      if (finished !== undefined) return malformed('two outputs for one step');
      if (!('output' in given)) return malformed(`${FINISH} without an output`);
      finished = { output: parsed.data.output };
      said.push(parsed.data);
      continue;
    }
    // Nobody told the model how to call what it was not offered.
    const wrapped = offered.has(name) || 'arguments' in given ? given : { arguments: given };
    const parsed = callArguments.safeParse(wrapped);
    if (!parsed.success) return malformed(`${name}: ${z.prettifyError(parsed.error)}`);
    const { arguments: own, occurrence } = parsed.data;
    calls.push({ tool: toolNameOf(name).slice(0, 200), arguments: own, occurrence });
    said.push(parsed.data);
  }
  return checked({ calls, ...finished, ...together(said) });
}

/** A proposal as one JSON document, with or without a fence around it. */
export function proposalFromDocument(content: string): Proposal | Failure {
  const given = jsonOf(content.replace(/^\s*```(?:json)?\s*\n([\s\S]*)\n\s*```\s*$/, '$1'));
  if (!isObject(given)) return malformed('the answer is neither a function call nor a JSON document');
  const parsed = answerDocument.safeParse(given);
  if (!parsed.success) return malformed(z.prettifyError(parsed.error));
  const { calls, output } = parsed.data;
  // Without a word for it, an endpoint that fills in every field says null.
  const hasOutput = 'output' in given && !(output === null && calls.length > 0);
  return checked({ calls, ...(hasOutput && { output }), ...together([parsed.data]) });
}

/** No surer than the call it is least sure of. */
function together(said: readonly Said[]): Omit<Proposal, 'calls' | 'output'> {
  const reasons = [...new Set(said.map(({ reasoning }) => reasoning).filter((text) => text !== ''))];
  return {
    confidence: Math.min(...said.map(({ confidence }) => confidence)),
    reasoning: cut(reasons.join('\n'), 8_000),
    alternatives: said
      .flatMap(({ alternatives }) => alternatives)
      .slice(0, 10)
      .map(({ description, score }) => ({ description: cut(description, 1_000), score })),
    evidence: [...new Set(said.flatMap(({ evidence }) => evidence))]
      .slice(0, 20)
      .map((text) => cut(text, 1_000)),
  };
}

const cut = (text: string, most: number): string => text.slice(0, most).toWellFormed();

/** What comes from a model goes into hashes and events as it is: it has to be JSON that can be hashed. */
function checked(proposed: Proposal): Proposal | Failure {
  const parsed = proposal.safeParse(proposed);
  if (!parsed.success) return malformed(z.prettifyError(parsed.error));
  if (isDeeper(proposed, DEPTH_MAX)) return malformed(`nested deeper than ${DEPTH_MAX}`);
  if (JSON.stringify(proposed).length > PROPOSAL_CHARS_MAX)
    return malformed(`a proposal of more than ${PROPOSAL_CHARS_MAX} characters`);
  try {
    hashOf(proposed);
  } catch (error) {
    return malformed(`cannot be hashed: ${String(error)}`);
  }
  return parsed.data;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
