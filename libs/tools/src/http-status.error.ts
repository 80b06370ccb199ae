/** An answer with a status that says no. Tools throw it; `classify` turns it into a failure. */
export class HttpStatusError extends Error {
  /** Value of the Retry-After header: seconds or an HTTP date. */
  readonly retryAfter?: string | number;

  /**
   * @param message for people: what the target said
   * @param retryAfter the header as it came; null, which is what `headers.get` gives without one, is none
   * @throws {TypeError} arguments that say nothing, such as a Retry-After in the place of the message
   */
  constructor(
    readonly status: number,
    message: string,
    retryAfter?: string | number | null,
  ) {
    if (!isFailureStatus(status)) throw new TypeError(wrong('a status from 400 to 599', status));
    if (typeof message !== 'string' || message.trim() === '')
      throw new TypeError(wrong('a message that says what went wrong', message));
    super(message);
    this.name = 'HttpStatusError';
    if (retryAfter !== undefined && retryAfter !== null) this.retryAfter = retryAfter;
  }

  static of(response: Response, detail = ''): HttpStatusError {
    const suffix = detail === '' ? '' : `: ${detail.slice(0, 500)}`;
    const { status, url, headers } = response;
    return new HttpStatusError(status, `${status} from ${pathOf(url)}${suffix}`, headers.get('retry-after'));
  }
}

export const isFailureStatus = (status: unknown): status is number =>
  typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;

const wrong = (wanted: string, given: unknown): string =>
  `new HttpStatusError(status, message, retryAfter) wants ${wanted}, not ${JSON.stringify(given)?.slice(0, 100)}`;

/** A response made in a test has no address. */
const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : 'its target');
