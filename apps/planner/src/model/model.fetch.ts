import { EgressGuard, type EgressSettings, entryOf } from '@interlock/egress';
import type { Models } from './models.js';

/** What an endpoint may answer at most, bytes. */
export const ANSWER_BYTES_MAX = 2 * 1_024 * 1_024;
/** The planner bounds each request by itself, below this. */
const TIMEOUT_MS = 15 * 60_000;

/** Everything else that a client library likes to say about this machine stays here. */
const sent = new Set(['accept', 'authorization', 'content-type', 'user-agent']);

/** The way out to the models that the settings name, and to nowhere else. Who operates Interlock has named them, so they may be in its own network. */
export const egressTo = (models: Models, refused?: EgressSettings['refused']): EgressGuard =>
  new EgressGuard({
    allow: [...new Set(models.urls.map((url) => entryOf(new URL(url), { local: true })))],
    bytesMax: ANSWER_BYTES_MAX,
    timeoutMs: TIMEOUT_MS,
    ...(refused && { refused }),
  });

/** `fetch` for a client library: through the guard, with the few headers that a model needs. */
export function modelFetch(egress: EgressGuard, withKey: boolean): typeof fetch {
  return async (input, init = {}) => {
    const headers = new Headers(
      [...new Headers(init.headers)].filter(
        ([name]) => sent.has(name) && (withKey || name !== 'authorization'),
      ),
    );
    const { method = 'GET', body, signal } = init;
    if (typeof input !== 'string' || (body !== undefined && body !== null && typeof body !== 'string'))
      throw new TypeError('a request to a model has a plain address and a text as its body');
    const answer = await egress.request(input, {
      method,
      headers,
      ...(typeof body === 'string' && { body }),
      ...(signal && { signal }),
    });
    const { status, statusText } = answer;
    const mayHaveBody = status !== 204 && status !== 205 && status !== 304;
    return new Response(mayHaveBody ? answer.body : null, { status, statusText, headers: answer.headers });
  };
}
