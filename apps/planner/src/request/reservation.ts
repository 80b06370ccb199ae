import type { CodedFailure } from '@interlock/contracts';
import type { Prices } from '@interlock/service';

/** An answer shorter than this is not worth asking for, tokens. */
export const ANSWER_TOKENS_MIN = 256;
/** What a provider's template may add around a message, a tool and the whole, tokens. */
const PER_MESSAGE = 16;
const PER_TOOL = 64;
const PER_REQUEST = 512;

export interface PromptParts {
  readonly messages: readonly unknown[];
  readonly tools?: readonly unknown[];
  readonly response_format?: unknown;
}

/** No tokenizer makes more tokens than bytes: never less than what the prompt takes, in tokens. */
export function promptTokensMax({ messages, tools = [], response_format }: PromptParts): number {
  const bytes = Buffer.byteLength(JSON.stringify([messages, tools, response_format ?? null]));
  return bytes + PER_MESSAGE * messages.length + PER_TOOL * tools.length + PER_REQUEST;
}

/** USD */
export const costOf = (prices: Prices, inputTokens: number, outputTokens: number): number =>
  (inputTokens * prices.input + outputTokens * prices.output) / 1_000_000;

/** The greatest answer that keeps prompt and answer together inside what is reserved, tokens. */
export function answerTokensMax(
  promptTokens: number,
  reserved: { readonly tokens: number; readonly costUsd: number },
  prices: Prices,
  most: number,
): number | CodedFailure {
  const byTokens = Math.min(most, reserved.tokens - promptTokens);
  if (byTokens < ANSWER_TOKENS_MIN) return tooLong(promptTokens, reserved.tokens);
  const left = reserved.costUsd * 1_000_000 - promptTokens * prices.input;
  // Rounding must not promise a fraction of a token's price that is not there.
  const byCost = prices.output === 0 ? Infinity : Math.floor(left / prices.output - 1e-6);
  const answer = Math.min(byTokens, byCost);
  return left < 0 || answer < ANSWER_TOKENS_MIN
    ? tooExpensive(promptTokens, reserved.costUsd, prices)
    : answer;
}

const tooLong = (promptTokens: number, reserved: number): CodedFailure => ({
  class: 'context_overflow',
  code: 'planner.prompt_too_long',
  message: `a prompt of up to ${promptTokens} tokens and an answer of ${ANSWER_TOKENS_MIN} do not fit into the ${reserved} tokens reserved`,
});

const tooExpensive = (promptTokens: number, reserved: number, prices: Prices): CodedFailure => ({
  class: 'budget_exceeded',
  code: 'planner.too_expensive',
  message: `a prompt of up to ${promptTokens} tokens and an answer of ${ANSWER_TOKENS_MIN} may cost ${costOf(prices, promptTokens, ANSWER_TOKENS_MIN).toFixed(6)} USD, ${reserved} are reserved`,
});
