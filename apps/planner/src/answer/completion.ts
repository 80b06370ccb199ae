import type { CodedFailure, Proposal } from '@interlock/contracts';
import { z } from 'zod';
import { errorIn } from './failures.js';
import { malformed } from './malformed.js';
import { proposalFromDocument, proposalFromFunctions } from './proposal.js';

const functionCall = z.object({
  function: z.object({
    name: z.string(),
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).default(''),
  }),
});
export type FunctionCall = z.output<typeof functionCall>['function'];

const completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(functionCall).nullish(),
        }),
      }),
    )
    .min(1),
  usage: z.unknown().optional(),
});

/** What an answer proposes, or why it proposes nothing; `usage` as the endpoint tells it, not yet believed. */
export interface Answer {
  readonly outcome: Proposal | CodedFailure;
  readonly usage: unknown;
  /** The endpoint says that it failed: if it reports no usage there was none. */
  readonly isError?: true;
}

export const isProposal = (outcome: Proposal | CodedFailure): outcome is Proposal => 'calls' in outcome;

/** @param functions names of the functions that were offered */
export function answerOf(text: string, functions: ReadonlySet<string>): Answer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { outcome: malformed('the answer is not JSON'), usage: undefined };
  }
  const reported = usageIn(json);
  const error = errorIn(json);
  if (error !== undefined) return { outcome: error, usage: reported, isError: true };
  const parsed = completion.safeParse(json);
  if (!parsed.success)
    return {
      outcome: malformed(`the answer is not a completion: ${z.prettifyError(parsed.error)}`),
      usage: reported,
    };
  const { choices, usage } = parsed.data;
  return { outcome: outcomeOf(choices[0]!, functions), usage };
}

const usageIn = (json: unknown): unknown =>
  typeof json === 'object' && json !== null && 'usage' in json ? json.usage : undefined;

type Choice = z.output<typeof completion>['choices'][number];

function outcomeOf(
  { finish_reason, message }: Choice,
  functions: ReadonlySet<string>,
): Proposal | CodedFailure {
  const { content, refusal, tool_calls } = message;
  if (typeof refusal === 'string' && refusal !== '') return refused(refusal);
  if (finish_reason === 'content_filter') return refused('the endpoint filtered the answer');
  if (finish_reason === 'length') return cutOff;
  if (tool_calls != null && tool_calls.length > 0)
    return proposalFromFunctions(
      tool_calls.map((call) => call.function),
      functions,
    );
  return proposalFromDocument(content ?? '');
}

const refused = (because: string): CodedFailure => ({
  class: 'denied',
  code: 'model.refused',
  message: because.slice(0, 2_000).toWellFormed(),
});

const cutOff: CodedFailure = {
  class: 'invalid_output',
  code: 'model.cut_off',
  message: 'the answer was longer than the budget allowed',
};
