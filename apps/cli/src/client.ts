import { randomUUID } from 'node:crypto';
import { PROOF_HEADER, signCommand } from '@interlock/authority';
import { errorText, fieldOf, sha256 } from '@interlock/contracts';
import type { ProblemDetails } from '@interlock/contracts/http';
import type { Credentials } from './identity.js';
import { type ServerEvent, serverEvents } from './server-events.js';
import { bearerIn } from './token.claims.js';

/** The server has answered, and the answer is no. */
export class RefusedError extends Error {
  /** @param path what was asked for, without the server's address */
  constructor(
    readonly problem: ProblemDetails,
    readonly path: string,
  ) {
    super(problem.detail);
    this.name = 'RefusedError';
  }
}

/** What a command needs does not answer now. */
export class UnavailableError extends Error {
  /** @param advice what to look at */
  constructor(
    message: string,
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Nobody answers at the address, or the answer is not Interlock's. */
export class UnreachableError extends UnavailableError {
  constructor(
    readonly url: string,
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(
      `no Interlock answers at ${url}: ${why}`,
      'Is it started? npm start here, or name the server: --url http://HOST:PORT',
      options,
    );
  }
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

type Headers = Readonly<Record<string, string>>;

const JSON_BODY: Headers = { 'content-type': 'application/json' };

const bearing = (token: string | undefined): Headers =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** Longer than the longest wait the server offers. */
const TIMEOUT_MS = 75_000;

/** The HTTP interface of one server. */
export class Client {
  constructor(
    readonly url: string,
    readonly credentials: Credentials,
  ) {}

  /** @throws {RefusedError} @throws {UnreachableError} */
  get<T>(path: string, headers: Headers = {}): Promise<Answer<T>> {
    return this.#request<T>('GET', path, undefined, headers);
  }

  /** @throws {RefusedError} @throws {UnreachableError} */
  post<T>(path: string, body: unknown, headers: Headers = {}): Promise<Answer<T>> {
    return this.#request<T>('POST', path, JSON.stringify(body), { ...headers, ...JSON_BODY });
  }

  /** @throws {RefusedError} @throws {UnreachableError} */
  patch<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.#request<T>('PATCH', path, JSON.stringify(body), JSON_BODY);
  }

  /** @throws {RefusedError} @throws {UnreachableError} */
  delete<T>(path: string): Promise<Answer<T>> {
    return this.#request<T>('DELETE', path, undefined, {});
  }

  /**
   * Sends a command. It counts once, however often it is sent with one id. It is signed if the key that the token names is here.
   * @param body with every default written out, since the signature covers it
   * @throws {RefusedError} @throws {UnreachableError}
   */
  async command<T>(path: string, body: object, id: string = randomUUID()): Promise<Answer<T>> {
    const token = await this.credentials.token();
    const proof = token === undefined ? undefined : await this.#signed(token, path, body, id);
    return this.post<T>(path, { ...body, commandId: id }, { ...bearing(token), ...proof });
  }

  /** The signature names the token that goes with it. */
  async #signed(token: string, path: string, body: object, commandId: string): Promise<Headers | undefined> {
    const key = await this.credentials.key();
    const by = bearerIn(token);
    if (key === undefined || by?.jkt !== key.thumbprint) return undefined;
    const request = { method: 'POST', path, body };
    return { [PROOF_HEADER]: await signCommand({ commandId, by, request, tokenHash: sha256(token) }, key) };
  }

  /** The body as text, whatever it is. @throws {RefusedError} @throws {UnreachableError} */
  async text(path: string, headers: Headers = {}): Promise<string> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#fetch('GET', path, undefined, headers, signal);
    const text = await this.#textOf(response);
    if (response.status >= 400) throw this.#refused(text, response.status, path);
    return text;
  }

  /**
   * The body as it comes, however long it is.
   * @throws {RefusedError} @throws {UnreachableError} also when it breaks off
   */
  async *bytes(path: string, headers: Headers): AsyncGenerator<Uint8Array> {
    const answered = new AbortController();
    const late = setTimeout(() => answered.abort(new Error('no answer')), TIMEOUT_MS);
    const response = await this.#fetch('GET', path, undefined, headers, answered.signal).finally(() =>
      clearTimeout(late),
    );
    if (response.status >= 400) throw this.#refused(await this.#textOf(response), response.status, path);
    try {
      yield* response.body ?? new ReadableStream<Uint8Array>();
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  /**
   * Server-sent events behind the one with the id `after`, as they come, until the server ends the stream.
   * @param opened the server has taken the request, and sends what comes
   * @throws {RefusedError} @throws {UnreachableError} also when the connection breaks or goes silent
   */
  async *events(
    path: string,
    after: string | undefined,
    opened: () => void = () => undefined,
  ): AsyncGenerator<ServerEvent> {
    const silence = new AbortController();
    const headers = {
      accept: 'text/event-stream',
      ...(after === undefined ? {} : { 'last-event-id': after }),
    };
    const response = await this.#fetch('GET', path, undefined, headers, silence.signal);
    if (response.status >= 400) throw this.#refused(await this.#textOf(response), response.status, path);
    opened();
    try {
      yield* serverEvents(response.body ?? new ReadableStream(), silence);
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async #request<T>(
    method: string,
    path: string,
    body: string | undefined,
    headers: Headers,
  ): Promise<Answer<T>> {
    const response = await this.#fetch(method, path, body, headers, AbortSignal.timeout(TIMEOUT_MS));
    const { status } = response;
    const text = await this.#textOf(response);
    if (status >= 400) throw this.#refused(text, status, path);
    return { status, body: this.#parse(text, status) as T };
  }

  async #fetch(
    method: string,
    path: string,
    body: string | undefined,
    headers: Headers,
    signal: AbortSignal,
  ): Promise<Response> {
    const identity = 'authorization' in headers ? {} : bearing(await this.credentials.token());
    try {
      return await fetch(new URL(path, this.url), {
        method,
        body: body ?? null,
        headers: { ...identity, ...headers },
        signal,
      });
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async #textOf(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #refused(text: string, status: number, path: string): RefusedError {
    const said = this.#parse(text, status) as Partial<ProblemDetails>;
    const { type = 'about:blank', title = 'Refused', code = 'refused', detail = '', errors = [] } = said;
    return new RefusedError({ type, title, status, code, detail, errors }, path);
  }

  #parse(text: string, status: number): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new UnreachableError(this.url, `it answered ${status} with something that is not JSON`, {
        cause: error,
      });
    }
  }

  #unreachable(error: unknown): UnreachableError {
    const cause = fieldOf(error, 'cause');
    return new UnreachableError(this.url, errorText(cause instanceof Error ? cause : error), {
      cause: error,
    });
  }
}
