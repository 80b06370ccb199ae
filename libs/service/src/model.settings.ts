import type { AutonomyLevel } from '@interlock/contracts';
import { z } from 'zod';
import { Secret } from './secret.js';

/** What a million tokens cost, USD. */
export interface Prices {
  readonly input: number;
  readonly output: number;
}

const name = z
  .string()
  .max(200)
  .regex(/^[a-z0-9][a-z0-9_-]*\/\S+$/, 'is `provider/name`, as in openai/gpt-5-mini');
const url = z
  .url({ protocol: /^https?$/ })
  .refine((text) => !/[@?#]/.test(text), 'is an address alone: no user, no query');
const key = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is printable ASCII without blanks, quotes and backslashes')
  .transform((text) => new Secret(text));
const prices = z
  .string()
  .regex(/^\d+(\.\d+)?\s*,\s*\d+(\.\d+)?$/, 'is `input,output` in USD for a million tokens, as in 0.25,2')
  .transform((text): Prices => {
    const [input = 0, output = 0] = text.split(',').map(Number);
    return { input, output };
  });

/** A number, or `none` where a provider refuses the parameter. */
const orNone = <T extends z.ZodType>(value: T) => z.union([z.literal('none'), value]);

const autonomy = z.enum(['baseline', 'shadow', 'assisted'], {
  error: ({ input }) =>
    input === 'bounded'
      ? 'bounded needs an evaluation record, which this release does not keep; the highest is assisted'
      : 'is baseline, shadow or assisted',
});

/** Settings of agent steps. Orchestrator and planner read the same; address, key and prices are of use to the planner alone. */
export const modelSettings = {
  INTERLOCK_MODEL: name.optional().describe('Model that plans, `provider/name`. Absent: baseline'),
  INTERLOCK_MODEL_FALLBACK: name.optional().describe('Asked when the other one cannot answer'),
  INTERLOCK_AUTONOMY: autonomy.optional().describe('The most that a model may do; shadow'),
  INTERLOCK_MODEL_TIMEOUT_MS: z.coerce.number().int().min(100).max(600_000).default(60_000),
  INTERLOCK_MODEL_TOKENS_MAX: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(2_000_000)
    .default(100_000)
    .describe('Of one request, prompt and answer; the worst case is reserved'),
  INTERLOCK_MODEL_URL: url.optional().describe('Where the protocol of OpenAI is spoken, up to /v1'),
  INTERLOCK_MODEL_KEY: key.optional().describe('Sent as a bearer token, to that address only'),
  INTERLOCK_MODEL_PRICES: prices.optional().describe('`input,output`, USD for a million tokens'),
  INTERLOCK_MODEL_FALLBACK_URL: url.optional().describe('Default: that of the model'),
  INTERLOCK_MODEL_FALLBACK_KEY: key.optional().describe('Default: that of the model, at the same address'),
  INTERLOCK_MODEL_FALLBACK_PRICES: prices.optional().describe('Default: those of the model'),
  INTERLOCK_MODEL_ANSWER_TOKENS_MAX: z.coerce
    .number()
    .int()
    .min(256)
    .max(200_000)
    .default(4_000)
    .describe('The longest answer to ask for, in tokens'),
  INTERLOCK_MODEL_ANSWERS: z
    .enum(['tools', 'json'])
    .default('tools')
    .describe('tools: proposals are function calls. json: one JSON document, for endpoints without them'),
  INTERLOCK_MODEL_TEMPERATURE: orNone(z.coerce.number().min(0).max(2)).default(0),
  INTERLOCK_MODEL_SEED: orNone(z.coerce.number().int().min(0).max(2_147_483_647)).default(1),
  INTERLOCK_MODEL_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(32)
    .describe('Requests at a time of one planner'),
};

const settings = z.object(modelSettings);
export type ModelSettings = z.output<typeof settings>;

/** What may act in agent steps, and how much one request may use. */
export interface AgentSettings {
  readonly level: AutonomyLevel;
  /** `provider/name`; always there above baseline. */
  readonly model?: string;
  readonly fallbackModel?: string;
  readonly timeoutMs: number;
  /** Tokens of one request, prompt and answer together. */
  readonly tokensMax: number;
  /** The most one request may cost, USD; absent: the prices are not set. */
  readonly costUsdMax?: number;
}

export function agentSettingsOf(settings: ModelSettings): AgentSettings {
  const { INTERLOCK_MODEL: model, INTERLOCK_MODEL_FALLBACK: fallbackModel } = settings;
  return {
    level: settings.INTERLOCK_AUTONOMY ?? (model === undefined ? 'baseline' : 'shadow'),
    ...(model !== undefined && { model }),
    ...(fallbackModel !== undefined && { fallbackModel }),
    timeoutMs: settings.INTERLOCK_MODEL_TIMEOUT_MS,
    tokensMax: settings.INTERLOCK_MODEL_TOKENS_MAX,
    ...costUsdMaxOf(settings),
  };
}

/** The price if all its tokens cost the higher of the two prices. */
function costUsdMaxOf(settings: ModelSettings): Pick<AgentSettings, 'costUsdMax'> {
  const { INTERLOCK_MODEL_PRICES: prices, INTERLOCK_MODEL_FALLBACK_PRICES: others = prices } = settings;
  if (prices === undefined || others === undefined) return {};
  const dearest = Math.max(prices.input, prices.output, others.input, others.output);
  return { costUsdMax: Math.ceil(dearest * settings.INTERLOCK_MODEL_TOKENS_MAX) / 1_000_000 };
}

/** What is contradictory in these settings. */
export function modelProblems(settings: ModelSettings): string[] {
  const { INTERLOCK_MODEL: model, INTERLOCK_MODEL_FALLBACK: fallback, INTERLOCK_AUTONOMY: level } = settings;
  const problems: string[] = [];
  if (model === undefined && level !== undefined && level !== 'baseline')
    problems.push(`INTERLOCK_AUTONOMY: ${level} needs a model: set INTERLOCK_MODEL`);
  if (model === undefined && fallback !== undefined)
    problems.push('INTERLOCK_MODEL_FALLBACK: set INTERLOCK_MODEL too, the model that is asked first');
  if (model !== undefined && model === fallback)
    problems.push('INTERLOCK_MODEL_FALLBACK: is the model itself');
  if (settings.INTERLOCK_MODEL_ANSWER_TOKENS_MAX >= settings.INTERLOCK_MODEL_TOKENS_MAX)
    problems.push(
      'INTERLOCK_MODEL_ANSWER_TOKENS_MAX: leaves no tokens of INTERLOCK_MODEL_TOKENS_MAX for a prompt',
    );
  return problems;
}
