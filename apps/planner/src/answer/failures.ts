import type { CodedFailure } from '@interlock/contracts';
import { z } from 'zod';
import type { Exchange } from '../model/model.client.js';

/** What an exchange that brought no answer says about the attempt. */
export interface Broken {
  readonly failure: CodedFailure;
  /** False: surely no model was asked. */
  readonly called: boolean;
  /** The request was turned away before a model saw it: it used nothing. */
  readonly usedNothing: boolean;
}

type Brought = Exclude<Exchange, { readonly kind: 'answered' }>;

export function brokenOf(exchange: Brought): Broken {
  switch (exchange.kind) {
    case 'rejected':
      return rejection(exchange);
    case 'timed_out':
      return unknownUse({ class: 'timeout', code: 'model.timeout', message: 'no whole answer in time' });
    case 'stopped':
      return unknownUse({
        class: 'outcome_unknown',
        code: 'planner.stopped',
        message: 'the planner was stopped while it waited for the answer',
      });
    case 'endless':
      return unknownUse({
        class: 'invalid_output',
        code: 'model.endless',
        message: 'the answer has no valid finish reason',
      });
    case 'lost': {
      const code = exchange.sent ? 'model.connection_lost' : 'model.unreachable';
      const failure: CodedFailure = { class: 'transient', code, message: exchange.because };
      return { failure, called: exchange.sent, usedNothing: false };
    }
  }
}

const unknownUse = (failure: CodedFailure): Broken => ({ failure, called: true, usedNothing: false });

const errorBody = z.object({
  error: z.object({
    message: z.string().catch(''),
    code: z.union([z.string(), z.number()]).nullish().catch(undefined),
    type: z.string().nullish().catch(undefined),
  }),
});

const noChoices = z.object({ choices: z.array(z.unknown()).length(0).nullish() });

type Reported = { readonly message: string; readonly codes: readonly string[] };

/** The failure of an endpoint that answers with status 200 and an error instead of choices; undefined: it is not such an answer. */
export function errorIn(json: unknown): CodedFailure | undefined {
  const parsed = errorBody.safeParse(json);
  if (!parsed.success || !noChoices.safeParse(json).success) return undefined;
  const reported = reportedIn(parsed.data);
  const status = reported.codes.map(Number).find((code) => code >= 400 && code <= 599) ?? 500;
  return { ...classOf(status, reported), message: messageOf(status, reported) };
}

const messageOf = (status: number, { message }: Reported): string =>
  `${status}${message === '' ? '' : `: ${message}`}`.slice(0, 2_000).toWellFormed();

function reportedIn({ error: { message, code, type } }: z.output<typeof errorBody>): Reported {
  const codes = [code, type].flatMap((one) => (one === undefined || one === null ? [] : [String(one)]));
  return { message, codes };
}

function rejection({ status, text, headers }: Extract<Brought, { kind: 'rejected' }>): Broken {
  const reported = reportedBy(text);
  const retryAfterMs = retryAfterOf(headers);
  const failure: CodedFailure = {
    ...classOf(status, reported),
    message: messageOf(status, reported),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  // A model may have worked although the server failed.
  return { failure, called: true, usedNothing: status < 500 && status !== 408 };
}

function reportedBy(text: string): Reported {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { message: text.slice(0, 500), codes: [] };
  }
  const parsed = errorBody.safeParse(json);
  return parsed.success ? reportedIn(parsed.data) : { message: text.slice(0, 500), codes: [] };
}

function classOf(status: number, { message, codes }: Reported): Pick<CodedFailure, 'class' | 'code'> {
  if (status === 401 || status === 403) return { class: 'unauthorized', code: 'model.unauthorized' };
  if (status === 404) return { class: 'unauthorized', code: 'model.not_found' };
  if (status === 402 || codes.includes('insufficient_quota'))
    return { class: 'quota_exhausted', code: 'model.quota_exhausted' };
  if (status === 429) return { class: 'rate_limited', code: 'model.rate_limited' };
  if (status === 408) return { class: 'timeout', code: 'model.timeout' };
  if (codes.includes('content_filter')) return { class: 'denied', code: 'model.refused' };
  if (isOverflow(status, message, codes))
    return { class: 'context_overflow', code: 'model.context_overflow' };
  return { class: status >= 500 ? 'transient' : 'invalid_input', code: `model.http_${status}` };
}

/** Hosted endpoints report it with a code, others in a sentence. */
const isOverflow = (status: number, message: string, codes: readonly string[]): boolean =>
  codes.includes('context_length_exceeded') ||
  status === 413 ||
  (status === 400 && /context (length|window)|maximum (model )?length|too many tokens/i.test(message));

const WAIT_MS_MAX = 86_400_000;

/** Seconds, a date, or milliseconds in the header that some endpoints add. */
export function retryAfterOf(headers: Headers, now = Date.now()): number | undefined {
  const inMs = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (inMs >= 0) return bounded(inMs);
  const text = headers.get('retry-after')?.trim() ?? '';
  if (text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return bounded(Number(text) * 1_000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : bounded(Math.max(0, at - now));
}

const bounded = (ms: number): number => Math.min(Math.ceil(ms), WAIT_MS_MAX);
