import type { Usage } from '@interlock/contracts';
import { z } from 'zod';

const count = z.number().int().min(1);
const reported = z.object({ prompt_tokens: count, completion_tokens: count });

/**
 * What the endpoint says was used, if it can be true: every request has a prompt and every answer a token, no prompt has more tokens
 * than bytes, and no answer is longer than it was allowed to be. Anything else is not believed, and the worst case is charged.
 */
export function believedUsage(
  usage: unknown,
  { promptTokensMax, answerTokensMax }: { promptTokensMax: number; answerTokensMax: number },
): Usage | undefined {
  const parsed = reported.safeParse(usage);
  if (!parsed.success) return undefined;
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = parsed.data;
  if (inputTokens > promptTokensMax || outputTokens > answerTokensMax) return undefined;
  return { inputTokens, outputTokens };
}
