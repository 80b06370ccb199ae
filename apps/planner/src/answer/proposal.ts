import {
  type CodedFailure,
  described,
  type Proposal,
  type ProposedCall,
  problemOf,
  proposal,
  readValue,
  type ValueProblem,
} from '@interlock/contracts';
import { z } from 'zod';
import {
  askArguments,
  askingDocument,
  callArguments,
  finishArguments,
  type Said,
  saidNames,
} from '../request/answer.schema.js';
import { ASK, FINISH, toolNameOf } from '../request/function-names.js';
import type { FunctionCall } from './completion.js';
import { malformed } from './malformed.js';

/** It travels on in several events; a longer one is refused. */
const PROPOSAL_CHARS_MAX = 100_000;

/** A proposal in function calls: one a call of a tool, and `Finish` for the output. */
export function proposalFromFunctions(
  functions: readonly FunctionCall[],
  offered: ReadonlySet<string>,
): Proposal | CodedFailure {
  const calls: ProposedCall[] = [];
  const said: Said[] = [];
  let finished: { readonly output: unknown } | undefined;
  let asked: { readonly question: string } | undefined;
  for (const { name, arguments: text } of functions) {
    const read = readArguments(text);
    if (!read.ok) return malformed(`the arguments of ${name}: ${described(read.problem)}`);
    const given = withoutNulls(read.value);
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
    if (name === ASK && offered.has(ASK)) {
      const parsed = askArguments.safeParse(given);
      if (!parsed.success) return malformed(`${ASK}: ${z.prettifyError(parsed.error)}`);
      if (asked !== undefined) return malformed('two questions in one round');
      asked = { question: parsed.data.question };
      said.push(parsed.data);
      continue;
    }
    const parsed = callArguments.safeParse(wrapped(given, offered.has(name)));
    if (!parsed.success) return malformed(`${name}: ${z.prettifyError(parsed.error)}`);
    const { arguments: own, occurrence } = parsed.data;
    calls.push({ tool: toolNameOf(name).slice(0, 200), arguments: own, occurrence });
    said.push(parsed.data);
  }
  return checked({ calls, ...finished, ...asked, ...together(said) });
}

/** Some endpoints send the text of an object, some the object, and for a function without arguments some send nothing. */
function readArguments(given: string | object): ReturnType<typeof readValue> {
  if (typeof given === 'string') return readValue(given.trim() === '' ? '{}' : given);
  const problem = problemOf(given);
  return problem === undefined ? { ok: true, value: given } : { ok: false, problem };
}

/** A tool that was not offered may be called with any arguments; one that was offered may be called without. */
function wrapped(given: Readonly<Record<string, unknown>>, isOffered: boolean): unknown {
  if ('arguments' in given) return given;
  if (!isOffered) return { arguments: given };
  return Object.keys(given).every((key) => saidNames.has(key)) ? { ...given, arguments: {} } : given;
}

/** An endpoint that fills in every field says null where nothing is meant. */
function withoutNulls(given: unknown): unknown {
  if (!isObject(given)) return given;
  const kept = Object.entries(given).filter(([key, item]) => item !== null || !NULL_IS_NOTHING.has(key));
  return Object.fromEntries(kept);
}

const NULL_IS_NOTHING: ReadonlySet<string> = new Set(['calls', 'arguments', 'occurrence', 'question']);

/** A proposal as one JSON document, with or without words around it. */
export function proposalFromDocument(content: string): Proposal | CodedFailure {
  const read = readDocument(content);
  if (!read.ok) return malformed(noDocument(read.problem));
  const given = withoutNulls(read.value);
  if (!isObject(given)) return malformed(noDocument());
  const parsed = askingDocument.safeParse(given);
  if (!parsed.success) return malformed(z.prettifyError(parsed.error));
  const { calls, output, question } = parsed.data;
  // An endpoint that fills in every field writes null for none.
  const hasOutput = 'output' in given && !(output === null && (calls.length > 0 || question !== undefined));
  const asked = question !== undefined && { question };
  return checked({ calls, ...(hasOutput && { output }), ...asked, ...together([parsed.data]) });
}

const noDocument = (problem?: ValueProblem): string =>
  `the answer is neither a function call nor a JSON document${problem === undefined ? '' : `: ${described(problem)}`}`;

const THOUGHTS = /^\s*<think>[\s\S]*?<\/think>/;
/** The one document in what a model said. With two of them it would not be clear which one counts. */
function readDocument(content: string): ReturnType<typeof readValue> {
  const said = content.replace(THOUGHTS, '');
  const whole = readValue(said);
  if (whole.ok) return whole;
  const fenced = fencedIn(said);
  if (fenced.length > 0) return fenced.length === 1 ? readValue(fenced[0] ?? '') : whole;
  const [first, last] = [said.indexOf('{'), said.lastIndexOf('}')];
  return first < 0 || last < first ? whole : readValue(said.slice(first, last + 1));
}

function fencedIn(said: string): string[] {
  const blocks: string[] = [];
  let open: string[] | undefined;
  for (const line of said.split('\n')) {
    const mark = line.trim();
    if (open === undefined && (mark === '```' || mark === '```json')) open = [];
    else if (open !== undefined && mark === '```') {
      blocks.push(open.join('\n'));
      open = undefined;
    } else open?.push(line);
  }
  return blocks;
}

/** As sure as of the call that it is least sure of. */
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

/** What comes from a model goes into hashes and events as it is. */
function checked(proposed: Proposal): Proposal | CodedFailure {
  const problem = problemOf(proposed);
  if (problem !== undefined) return malformed(described(problem));
  const parsed = proposal.safeParse(proposed);
  if (!parsed.success) return malformed(z.prettifyError(parsed.error));
  if (proposed.question !== undefined && 'output' in proposed)
    return malformed('a question and an output at once');
  if (JSON.stringify(proposed).length > PROPOSAL_CHARS_MAX)
    return malformed(`a proposal of more than ${PROPOSAL_CHARS_MAX} characters`);
  return parsed.data;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
