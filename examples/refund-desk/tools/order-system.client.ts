import type { ModuleKit, ToolContext } from '@interlock/tools';

type Ask = Pick<ToolContext, 'signal'> & { readonly body?: unknown; readonly key?: string };

/** An answer, or the code of a refusal that a tool may declare as its own failure. */
export type OrderSystemAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly code: string };

/** Talks to the order system over HTTP; every other answer is an HttpStatusError, which the executor classifies. */
export function orderSystem({ HttpStatusError }: ModuleKit) {
  return async (
    method: 'GET' | 'POST',
    path: string,
    { signal, body, key }: Ask,
  ): Promise<OrderSystemAnswer> => {
    const base = process.env.REFUND_DESK_URL ?? 'http://127.0.0.1:7410';
    const response = await fetch(`${base}${path}`, {
      method,
      signal,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (response.ok) return { ok: true, body: JSON.parse(text) };
    if (response.status === 404 || response.status === 409) {
      const code: unknown = JSON.parse(text).code;
      if (typeof code === 'string') return { ok: false, code };
    }
    throw HttpStatusError.of(response, text);
  };
}
