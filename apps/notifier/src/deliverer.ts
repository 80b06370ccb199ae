import { type Performing, Slots } from '@interlock/actors';
import { signedHeaders } from '@interlock/authority';
import { type Clock, errorText, instantText, type NotificationHook } from '@interlock/contracts';
import { type EgressGuard, EgressRefusedError } from '@interlock/egress';
import type { Attempt, Attempted, Sending } from './notice.actor.js';
import { deliveryId } from './notice.state.js';

/** Requests to one hook at once. */
const AT_ONCE = 8;
const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 16 * 1_024;
const GONE = 410;

export interface ConfiguredHook extends NotificationHook {
  readonly url: string;
  readonly key: string;
  /** Where its links begin, without a slash at the end. */
  readonly base: string;
}

/** Makes one attempt to tell a hook something. */
export class Deliverer {
  readonly #hooks: ReadonlyMap<string, { readonly hook: ConfiguredHook; readonly slots: Slots }>;

  constructor(
    hooks: readonly ConfiguredHook[],
    readonly egress: Pick<EgressGuard, 'request'>,
    readonly clock: Clock,
    readonly ended: (hook: string, attempt: Attempt) => void,
  ) {
    this.#hooks = new Map(hooks.map((hook) => [hook.name, { hook, slots: new Slots(AT_ONCE) }]));
  }

  async deliver(sending: Sending, { signal, result }: Pick<Performing, 'signal' | 'result'>): Promise<void> {
    const { hook, notice } = sending;
    const attempt = await this.#attemptInTurn(sending, signal);
    if (attempt === undefined) return;
    this.ended(hook, attempt);
    result({ noticeId: notice.noticeId, hook, attempt } satisfies Attempted);
  }

  /** Undefined: this process lets go of it. */
  async #attemptInTurn(sending: Sending, signal: AbortSignal): Promise<Attempt | undefined> {
    const configured = this.#hooks.get(sending.hook);
    if (configured === undefined)
      return { kind: 'failed', because: 'no module brings this hook any more', isFinal: true };
    const leave = await configured.slots.acquire(signal);
    if (leave === undefined) return undefined;
    try {
      return await this.#attempt(sending, configured.hook, signal);
    } finally {
      leave();
    }
  }

  async #attempt(sending: Sending, hook: ConfiguredHook, signal: AbortSignal): Promise<Attempt | undefined> {
    if (this.clock.now() >= (sending.notice.question?.until ?? Infinity))
      return { kind: 'failed', because: 'nobody may answer the question any more', isFinal: true };
    const body = bodyOf(sending, hook);
    const id = deliveryId(sending.notice.noticeId, hook.name);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'interlock-notifier',
      ...signedHeaders(id, this.clock.now(), body, hook.key),
    };
    const request = {
      method: 'POST',
      headers,
      body,
      signal,
      timeoutMs: TIMEOUT_MS,
      bytesMax: ANSWER_BYTES_MAX,
    };
    try {
      const { status } = await this.egress.request(hook.url, request);
      if (status >= 200 && status < 300) return { kind: 'delivered' };
      return { kind: 'failed', because: `it answered ${status}`, isFinal: status === GONE };
    } catch (error) {
      if (signal.aborted) return undefined;
      // Whatever a receiver sends after the request has arrived, it has got it; but it has not said so.
      const because = error instanceof EgressRefusedError ? error.code : errorText(error);
      return { kind: 'failed', because: because.slice(0, 500), isFinal: false };
    }
  }
}

/** What happened to which run, and where to look: never what the run holds, but for a question, to whoever brings it to somebody. */
function bodyOf({ notice, runId, run }: Sending, { on, base }: ConfiguredHook): string {
  const { kind, status, step, waitsFor, at } = notice;
  const isAsked = kind === 'asked' && on.includes('asked');
  return JSON.stringify({
    type: `run.${kind === 'asked' && !isAsked ? 'waiting' : kind}`,
    timestamp: instantText(at),
    data: {
      runId,
      workflow: run.workflow.name,
      version: run.workflow.version,
      tenant: run.tenant,
      status,
      step,
      waitsFor,
      question: isAsked ? shown(notice.question) : undefined,
      link: `${base}/runs/${encodeURIComponent(runId)}`,
    },
  });
}

const shown = (question: Sending['notice']['question']) =>
  question && { ...question, until: instantText(question.until) };
