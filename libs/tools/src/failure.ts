import {
  type CodedFailure,
  type FailureClass,
  type FailureCode,
  fieldOf,
  foreignCode,
  isUnreached,
} from '@interlock/contracts';
import { isFailureStatus } from './http-status.error.js';

/** What `context.fail` throws: a failure that the tool has declared. */
export class DeclaredFailure extends Error {
  constructor(readonly failure: unknown) {
    super('declared failure');
    this.name = 'DeclaredFailure';
  }
}

/** A thrown thing as a failure, and whether the target may have acted all the same. */
export interface Classified {
  readonly failure: CodedFailure;
  /**
   * `no`: the target said no, or was never reached. `perhaps`: it may have acted; for a write that is a doubt and not
   * a failure, whatever the class.
   */
  readonly performed: 'no' | 'perhaps';
}

/** The failure class (language.md section 3) of anything a tool throws. `now` in UTC ms, for a Retry-After date. */
export function classify(thrown: unknown, now: number): Classified {
  const message = messageOf(thrown);
  const answer = (
    kind: FailureClass,
    code: FailureCode,
    performed: Classified['performed'],
    retryAfterMs?: number,
  ) => ({
    failure: { class: kind, code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) },
    performed,
  });

  const status = statusOf(thrown);
  if (status !== undefined) {
    const [kind, performed] = classOfStatus(status);
    return answer(kind, `http_${status}`, performed, retryAfterMs(thrown, now));
  }
  const name = nameOf(thrown);
  if (name === 'AbortError' || name === 'TimeoutError') return answer('timeout', 'timeout', 'perhaps');
  const code = systemCode(thrown);
  if (code === undefined) return answer('internal', 'thrown', 'perhaps');
  if (isUnreached(code)) return answer('transient', foreignCode(code.toLowerCase()), 'no');
  if (cutOff.has(code)) return answer('transient', foreignCode(code.toLowerCase()), 'perhaps');
  if (tooSlow.has(code)) return answer('timeout', foreignCode(code.toLowerCase()), 'perhaps');
  return answer('internal', foreignCode(code.toLowerCase()), 'perhaps');
}

/** 429 and 503 come from whoever turns work away; 500, 502 and 504 may follow work that was done. */
function classOfStatus(status: number): [FailureClass, Classified['performed']] {
  switch (status) {
    case 400:
    case 422:
      return ['invalid_input', 'no'];
    case 401:
    case 403:
      return ['unauthorized', 'no'];
    case 429:
      return ['rate_limited', 'no'];
    case 503:
      return ['transient', 'no'];
    case 502:
    case 504:
      return ['transient', 'perhaps'];
    default:
      return ['internal', status < 500 ? 'no' : 'perhaps'];
  }
}

const cutOff = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET']);
const tooSlow = new Set(['ETIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** A field may be a getter that throws. */
function field(value: unknown, name: string): unknown {
  try {
    return fieldOf(value, name);
  } catch {
    return undefined;
  }
}

const nameOf = (thrown: unknown): unknown => field(thrown, 'name');

/** What is thrown may be anything, also something that throws when it is made a text. */
function messageOf(thrown: unknown): string {
  try {
    const cause = field(thrown, 'cause');
    const own = thrown instanceof Error ? String(thrown.message) : String(thrown);
    const whole = cause instanceof Error && cause.message !== '' ? `${own}: ${cause.message}` : own;
    return whole.slice(0, 4_000).toWellFormed();
  } catch {
    return 'what the tool threw cannot be read';
  }
}

/** Any error that carries an HTTP status counts, so a tool may use the client it likes. */
function statusOf(thrown: unknown): number | undefined {
  const status = field(thrown, 'status') ?? field(thrown, 'statusCode');
  return isFailureStatus(status) ? status : undefined;
}

/** fetch wraps the system's error, and a failed dual-stack connect wraps several. */
function systemCode(thrown: unknown, depth = 0): string | undefined {
  if (thrown === undefined || thrown === null || depth > 5) return undefined;
  const code = field(thrown, 'code');
  if (typeof code === 'string') return code;
  const inner = systemCode(field(thrown, 'cause'), depth + 1);
  if (inner !== undefined) return inner;
  const errors = field(thrown, 'errors');
  return Array.isArray(errors) ? systemCode(errors[0], depth + 1) : undefined;
}

/** Longer than any run waits. */
const WAIT_MS_MAX = 86_400_000;

/** Seconds, also a fraction of one, or an HTTP date. One that has passed asks for no wait; anything else asks for nothing. */
function retryAfterMs(thrown: unknown, now: number): number | undefined {
  const value = field(thrown, 'retryAfter');
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : dateOf(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, Math.ceil(ms)), WAIT_MS_MAX);
}

/** Dates begin with the name of the day: `Date.parse` alone takes `-1` for one. Without a zone, as C writes them, they are UTC too. */
function dateOf(text: string): number {
  if (!/^[A-Za-z]{3,9},? /.test(text)) return Number.NaN;
  return Date.parse(/\d{2}:\d{2}:\d{2} \d{4}$/.test(text) ? `${text} GMT` : text);
}
