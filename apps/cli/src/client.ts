/** What the server says when it does not do what was asked: RFC 9457 problem details. */
export interface ProblemDetails {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly {
    readonly path: string;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
  }[];
}

/** The server has answered, and the answer is no. */
export class RefusedError extends Error {
  constructor(readonly problem: ProblemDetails) {
    super(problem.detail);
    this.name = 'RefusedError';
  }
}

/** Nobody answers at the address, or not in Interlock's words. */
export class UnreachableError extends Error {
  constructor(
    readonly url: string,
    why: string,
    options?: ErrorOptions,
  ) {
    super(`no Interlock answers at ${url}: ${why}`, options);
    this.name = 'UnreachableError';
  }
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** Longer than the longest wait the server offers. */
const TIMEOUT_MS = 75_000;

/** The HTTP interface of one server. */
export class Client {
  constructor(readonly url: string) {}

  /** @throws {RefusedError} @throws {UnreachableError} */
  get<T>(path: string): Promise<Answer<T>> {
    return this.#request<T>('GET', path);
  }

  /** @throws {RefusedError} @throws {UnreachableError} */
  post<T>(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer<T>> {
    return this.#request<T>('POST', path, JSON.stringify(body), {
      ...headers,
      'content-type': 'application/json',
    });
  }

  async #request<T>(
    method: string,
    path: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> {
    const { status, text } = await this.#send(method, path, body, headers);
    const parsed = this.#parse(text, status);
    if (status >= 400) throw new RefusedError(parsed as ProblemDetails);
    return { status, body: parsed as T };
  }

  async #send(
    method: string,
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
  ) {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(new URL(path, this.url), { method, body: body ?? null, headers, signal });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const { cause, message } = error as Error;
      throw new UnreachableError(this.url, cause instanceof Error ? cause.message : message, {
        cause: error,
      });
    }
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
}
