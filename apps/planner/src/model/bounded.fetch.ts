import type { CodeOf } from '@interlock/contracts';
/** What an endpoint may answer at most, bytes. */
export const ANSWER_BYTES_MAX = 2 * 1_024 * 1_024;

/** Every other header of the client library is dropped: they say things about this machine. */
const sent = new Set(['accept', 'authorization', 'content-type', 'user-agent']);

/** The answer does not end. */
export class AnswerTooLongError extends Error {
  readonly code = 'model.endless' satisfies CodeOf<'model'>;

  constructor(bytes: number) {
    super(`the answer has more than ${bytes} bytes`);
    this.name = 'AnswerTooLongError';
  }
}

/**
 * `fetch` that follows no redirect, since body and key are for one address, and answers with a body that has been read whole. So whoever
 * aborts it after a while also ends a body that never does.
 * @throws {AnswerTooLongError}
 */
export function boundedFetch(withKey: boolean, bytesMax = ANSWER_BYTES_MAX): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(
      [...new Headers(init?.headers)].filter(
        ([name]) => sent.has(name) && (withKey || name !== 'authorization'),
      ),
    );
    const response = await fetch(input, { ...init, headers, redirect: 'manual' });
    const { status, statusText } = response;
    const body = await readAll(response, bytesMax);
    const mayHaveBody = status !== 204 && status !== 205 && status !== 304;
    return new Response(mayHaveBody ? body : null, { status, statusText, headers: response.headers });
  };
}

async function readAll({ body }: Response, bytesMax: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the body.
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw new AnswerTooLongError(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
