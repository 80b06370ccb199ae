/** An answer with a status that says no. Tools throw it; `classify` turns it into a failure. */
export class HttpStatusError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Value of the Retry-After header: seconds or an HTTP date. */
    readonly retryAfter?: string,
  ) {
    super(message);
    this.name = 'HttpStatusError';
  }

  static of(response: Response, detail = ''): HttpStatusError {
    const told = detail === '' ? '' : `: ${detail.slice(0, 500)}`;
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    return new HttpStatusError(
      response.status,
      `${response.status} from ${new URL(response.url).pathname}${told}`,
      retryAfter,
    );
  }
}
