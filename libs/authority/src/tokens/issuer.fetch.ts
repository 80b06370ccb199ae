import type { FetchImplementation } from 'jose';
import { IssuerUnavailableError } from '../refusal.js';

export type Warn = (facts: Readonly<Record<string, unknown>>, what: string) => void;

const KEYS_BYTES_MAX = 256 * 1024;
/** After a failure the issuer is not asked for this long, ms, however many tokens wait for its keys. */
const REST_MS = 1_000;

/** How the keys of an issuer are asked for: a plain 200 of bounded size within the time of the signal, or an `IssuerUnavailableError`, which is logged. */
export function issuerFetch(warn: Warn): FetchImplementation {
  let failed: { readonly error: IssuerUnavailableError; readonly at: number } | undefined;
  return async (url, options) => {
    if (failed !== undefined && performance.now() - failed.at < REST_MS) throw failed.error;
    try {
      return await ask(url, options);
    } catch (cause) {
      const error = new IssuerUnavailableError(`${url} gives no keys`, cause);
      failed = { error, at: performance.now() };
      warn({ err: error }, 'no keys from the issuer');
      throw error;
    }
  };
}

async function ask(url: string, options: Parameters<FetchImplementation>[1]): Promise<Response> {
  const { status, body } = await fetch(url, options);
  if (status !== 200 || body === null) {
    await body?.cancel();
    throw new Error(`it answers ${status}`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > KEYS_BYTES_MAX) throw new Error(`it answers with over ${KEYS_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks, length));
}
