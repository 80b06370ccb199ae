import { ASK, FINISH, functionNameOf } from '../../apps/planner/src/request/function-names.ts';

/** What a model says of itself with a proposal. */
export interface Said {
  readonly confidence?: number;
  readonly reasoning?: string;
  readonly evidence?: readonly string[];
  readonly alternatives?: readonly { readonly description: string; readonly score: number }[];
}

export interface Call {
  readonly tool: string;
  readonly arguments: unknown;
  readonly occurrence?: number;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

/** How the server answers one request. `usage: null` leaves it out; absent: counted roughly. */
export type Reply =
  | {
      readonly kind: 'completion';
      readonly message: Readonly<Record<string, unknown>>;
      readonly finish: string;
      readonly usage?: unknown;
      readonly delayMs?: number;
    }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly error: Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Bytes as they are. */
  | { readonly kind: 'bytes'; readonly text: string; readonly status?: number; readonly type?: string }
  /** Says nothing, ever. */
  | { readonly kind: 'hung' }
  /** Headers and the first bytes, then nothing more. */
  | { readonly kind: 'stalled' }
  /** The connection ends in the middle of the body. */
  | { readonly kind: 'cut' }
  /** A body without an end. */
  | { readonly kind: 'endless' };

const sure = { confidence: 0.9, reasoning: 'as asked' };

const completion = (message: Record<string, unknown>, finish = 'stop'): Reply => ({
  kind: 'completion',
  message: { role: 'assistant', content: null, refusal: null, ...message },
  finish,
});

const functionCall = (name: string, given: unknown, place: number) => ({
  id: `call_${place + 1}`,
  type: 'function',
  function: { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
});

/** Calls of tools, as function calls. */
export const calls = (wanted: readonly Call[], said: Said = {}): Reply =>
  completion(
    {
      tool_calls: wanted.map(({ tool, ...call }, place) =>
        functionCall(functionNameOf(tool), { ...call, ...sure, ...said }, place),
      ),
    },
    'tool_calls',
  );

export const call = (tool: string, given: unknown, said: Said = {}): Reply =>
  calls([{ tool, arguments: given }], said);

/** The output of the step, as a function call. */
export const output = (value: unknown, said: Said = {}): Reply =>
  completion({ tool_calls: [functionCall(FINISH, { output: value, ...sure, ...said }, 0)] }, 'tool_calls');

/** A question to whom the step serves, as a function call. */
export const question = (text: string, said: Said = {}): Reply =>
  completion({ tool_calls: [functionCall(ASK, { question: text, ...sure, ...said }, 0)] }, 'tool_calls');

/** Calls of any functions with arguments as they are; a text is sent unchanged. */
export const functions = (wanted: readonly { readonly name: string; readonly arguments: unknown }[]): Reply =>
  completion(
    { tool_calls: wanted.map(({ name, arguments: given }, place) => functionCall(name, given, place)) },
    'tool_calls',
  );

/** The whole proposal as one JSON document. */
export const document = (
  proposal: Said & { readonly calls?: readonly Call[]; readonly output?: unknown },
): Reply => completion({ content: JSON.stringify({ ...sure, ...proposal }) });

export const text = (content: string): Reply => completion({ content });
export const refusal = (because: string): Reply => completion({ refusal: because });
export const filtered = (): Reply => completion({ content: '' }, 'content_filter');
export const cutShort = (): Reply => completion({ content: '{"calls": [{"tool"' }, 'length');

export const error = (
  status: number,
  fields: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Reply => ({ kind: 'error', status, error: { message: `status ${status}`, ...fields }, headers });

export const rateLimited = (retryAfter: string): Reply =>
  error(429, { type: 'requests', code: 'rate_limit_exceeded' }, { 'retry-after': retryAfter });
export const noQuota = (): Reply => error(429, { type: 'insufficient_quota', code: 'insufficient_quota' });
export const overflow = (): Reply => error(400, { code: 'context_length_exceeded' });

export const bytes = (body: string, status = 200, type = 'application/json'): Reply => ({
  kind: 'bytes',
  text: body,
  status,
  type,
});
export const hung: Reply = { kind: 'hung' };
export const stalled: Reply = { kind: 'stalled' };
export const cut: Reply = { kind: 'cut' };
export const endless: Reply = { kind: 'endless' };

/** The same, with another word about what it used. */
export const withUsage = (reply: Reply, usage: unknown): Reply =>
  reply.kind === 'completion' ? { ...reply, usage } : reply;

/** The same, later. */
export const delayed = (reply: Reply, delayMs: number): Reply =>
  reply.kind === 'completion' ? { ...reply, delayMs } : reply;
