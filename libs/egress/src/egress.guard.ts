import { isIP } from 'node:net';
import { Agent, fetch as send } from 'undici';
import { kindOf } from './address.js';
import { type AllowedHost, allowedHost, entryFor, hostOf, portOf } from './allow.list.js';
import { addressRefused, checkedLookup, type Resolve } from './checked.lookup.js';
import { type EgressCount, EgressRefusedError } from './egress.error.js';

export interface EgressSettings {
  /** `allowedHost` says how an entry is written. */
  readonly allow: readonly string[];
  /** Of an answer, unpacked; 2 MiB. */
  readonly bytesMax?: number;
  /** Of a whole exchange, ms; 30 s. */
  readonly timeoutMs?: number;
  /** Called for every refusal, and every redirect that is not followed, with `host:port`. */
  readonly refused?: (what: EgressCount, place: string) => void;
  /** In place of the system's resolver. */
  readonly resolve?: Resolve;
}

export interface OutgoingRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>> | Headers;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** In place of the guard's own, never above it. */
  readonly bytesMax?: number;
  /** In place of the guard's own, never above it, ms. */
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** Read whole. */
  readonly body: Uint8Array<ArrayBuffer>;
}

const BYTES_MAX = 2 * 1_024 * 1_024;
const TIMEOUT_MS = 30_000;
const HEADER_BYTES_MAX = 32 * 1_024;
const PACKING_BYTES_MAX = 1_024;

/**
 * The one way out of a process for requests whose address, or whose answer, is not in our hands.
 *
 * 1. Only places of the allow-list are reached, by host and port.
 * 2. Addresses are checked when the connection is made, and the connection goes to exactly those that were checked.
 * 3. Nothing is followed: a redirect is answered as it came, and counted.
 * 4. An answer is read whole, within bounds on its bytes (unpacked) and on the time of the exchange.
 * 5. Proxies of the environment are not used: they would look names up for us.
 */
export class EgressGuard {
  readonly #allowed: readonly AllowedHost[];
  /** A connection pool for each entry, since what its addresses may be differs. */
  readonly #agents = new Map<AllowedHost, Agent>();

  /** @throws {AllowListError} */
  constructor(readonly settings: EgressSettings) {
    this.#allowed = settings.allow.map(allowedHost);
  }

  /**
   * @throws {EgressRefusedError} the guard refused
   * @throws what the connection died of, or the signal's reason
   */
  async request(address: string | URL, request: OutgoingRequest = {}): Promise<Answer> {
    if (!URL.canParse(String(address))) {
      this.settings.refused?.('bad_url', 'nowhere');
      throw new EgressRefusedError('bad_url', 'nowhere', 'what it was given is not a URL');
    }
    const url = new URL(address);
    const place = `${hostOf(url)}:${portOf(url)}`;
    try {
      return await this.#exchange(url, place, request);
    } catch (error) {
      const refused = refusalIn(error);
      if (refused === undefined) throw error;
      this.settings.refused?.(refused.refusal, refused.place);
      throw refused;
    }
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  async #exchange(url: URL, place: string, request: OutgoingRequest): Promise<Answer> {
    const entry = this.#entryFor(url, place);
    const timeoutMs = Math.min(request.timeoutMs ?? Infinity, this.settings.timeoutMs ?? TIMEOUT_MS);
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
    try {
      const { method = 'GET', headers, body } = request;
      const init = { method, redirect: 'manual', signal, dispatcher: this.#agentFor(entry) } as const;
      const given = {
        headers: [...new Headers(headers)].map(([name, value]): [string, string] => [name, value]),
      };
      const response = await send(url, { ...init, ...given, ...(body !== undefined && { body }) });
      if (isRedirect(response.status)) this.settings.refused?.('redirect', place);
      // One layer unpacks to a thousand times its size, two to a million, and what lies between them is not counted.
      if (response.headers.get('content-encoding')?.includes(',')) {
        await response.body?.cancel();
        throw new EgressRefusedError('too_large', place, 'its answer is packed more than once');
      }
      const bytesMax = Math.min(request.bytesMax ?? Infinity, this.settings.bytesMax ?? BYTES_MAX);
      const read = await readWhole(response.body ?? [], bytesMax, place);
      const { status, statusText } = response;
      return { status, statusText, headers: new Headers([...response.headers]), body: read };
    } catch (error) {
      if (hasCode(error, 'UND_ERR_RES_EXCEEDED_MAX_SIZE'))
        throw new EgressRefusedError(
          'too_large',
          place,
          'its answer has too many bytes before it is unpacked',
        );
      if (timeout.aborted && request.signal?.aborted !== true && refusalIn(error) === undefined)
        throw new EgressRefusedError('timeout', place, `no whole answer within ${timeoutMs} ms`);
      throw error;
    }
  }

  #entryFor(url: URL, place: string): AllowedHost {
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw new EgressRefusedError('bad_url', place, `${url.protocol} is neither http: nor https:`);
    if (url.username !== '' || url.password !== '')
      throw new EgressRefusedError('bad_url', place, 'a URL holds no user and no password');
    const host = hostOf(url);
    const entry = entryFor(this.#allowed, host, portOf(url));
    if (entry === undefined)
      throw new EgressRefusedError('not_allowed', place, 'it is not on the allow-list');
    // A connection to an address asks no resolver, so it is checked here. What an operator has written out is meant.
    if (isIP(host) !== 0 && kindOf(host) !== 'public' && !entry.local) throw addressRefused(place, host);
    return entry;
  }

  #agentFor(entry: AllowedHost): Agent {
    let agent = this.#agents.get(entry);
    if (agent === undefined) {
      agent = new Agent({
        connect: { lookup: checkedLookup(entry, this.settings.resolve) },
        // HTTP/2 does not know the bound on headers, and may send a request again on a new connection.
        allowH2: false,
        maxHeaderSize: HEADER_BYTES_MAX,
        // As it comes over the wire; `readWhole` counts the same answer unpacked. A short answer may be longer when it is packed.
        maxResponseSize: (this.settings.bytesMax ?? BYTES_MAX) + PACKING_BYTES_MAX,
        // The whole exchange has a bound, and only that one.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      this.#agents.set(entry, agent);
    }
    return agent;
  }
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400 && status !== 304;

async function readWhole(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  bytesMax: number,
  place: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the body, and with it what would unpack it.
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax)
      throw new EgressRefusedError('too_large', place, `its answer has more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

function hasCode(error: unknown, code: string): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++)
    if ('code' in cause && cause.code === code) return true;
  return false;
}

/** The library wraps what a connection died of. */
function refusalIn(error: unknown): EgressRefusedError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++)
    if (cause instanceof EgressRefusedError) return cause;
  return undefined;
}
