import { isUnreached } from '@interlock/contracts';
import { type EgressGuard, EgressRefusedError } from '@interlock/egress';
import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { modelFetch } from './model.fetch.js';
import type { Model } from './models.js';

/** What came back over the wire. */
export type Exchange =
  | { readonly kind: 'answered'; readonly text: string }
  /** A status other than 2xx. */
  | { readonly kind: 'rejected'; readonly status: number; readonly text: string; readonly headers: Headers }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'endless' }
  /** `sent: false`: nobody was reached, so nobody was asked. */
  | { readonly kind: 'lost'; readonly sent: boolean; readonly because: string };

export interface Asking {
  readonly egress: EgressGuard;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One request over HTTP, never a second one: whether to ask again is the run's decision. Never rejects. */
export async function ask(
  model: Model,
  body: unknown,
  { egress, timeoutMs, signal }: Asking,
): Promise<Exchange> {
  const { key, url } = model;
  let rejected: string | undefined;
  const read = modelFetch(egress, key !== undefined);
  const client = new OpenAI({
    baseURL: url,
    // The library insists on one; without a key of ours the header is not sent.
    apiKey: key?.reveal() ?? 'none',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    fetch: async (input, init) => {
      const response = await read(input, init);
      if (!response.ok) rejected = await response.clone().text();
      return response;
    },
  });
  try {
    const response = await client.chat.completions.create(body as never, { signal }).asResponse();
    return { kind: 'answered', text: await response.text() };
  } catch (error) {
    return failed(error, rejected ?? '');
  }
}

function failed(error: unknown, text: string): Exchange {
  if (error instanceof APIUserAbortError) return { kind: 'stopped' };
  const causes = causesOf(error);
  const refused = causes.find((cause) => cause instanceof EgressRefusedError);
  if (refused?.refusal === 'too_large') return { kind: 'endless' };
  if (refused?.refusal === 'timeout') return { kind: 'timed_out' };
  if (refused?.isUnsent) return { kind: 'lost', sent: false, because: refused.message };
  const codes = causes.flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
  // The library calls everything a timeout whose text sounds like one, also a connection that never was.
  if (error instanceof APIConnectionTimeoutError && !codes.some(isUnreached)) return { kind: 'timed_out' };
  if (error instanceof APIError && !(error instanceof APIConnectionError))
    return { kind: 'rejected', status: error.status ?? 0, text, headers: error.headers ?? new Headers() };
  const because = causes
    .map(({ message }) => message)
    .join(': ')
    .slice(0, 1_000);
  // The client of HTTP goes to no port that belongs to another protocol.
  const isPortRefused = causes.some(({ message }) => message === 'bad port');
  return { kind: 'lost', sent: !isPortRefused && !codes.some(isUnreached), because };
}

function causesOf(error: unknown): (Error & { code?: unknown })[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error && causes.length < 8; cause = cause.cause)
    causes.push(cause);
  return causes;
}
