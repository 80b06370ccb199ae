/** Why the guard let a request not go out, or its answer not come in. */
export type EgressRefusal =
  /** No entry of the allow-list has this host and port. */
  | 'not_allowed'
  /** The URL has another scheme than http and https, or a user in it. */
  | 'bad_url'
  /** The host has an address that its entry does not cover: a private network, this machine, a metadata service. */
  | 'address'
  /** The answer is larger than it may be, unpacked. */
  | 'too_large'
  /** The whole exchange took longer than it may. */
  | 'timeout';

/** What is counted: refusals, and redirects that were not followed. */
export type EgressCount = EgressRefusal | 'redirect';

/** The guard refused; nothing was sent, or the answer was dropped. The message names the place and no part of the path. */
export class EgressRefusedError extends Error {
  readonly code: `egress.${EgressRefusal}`;

  constructor(
    readonly refusal: EgressRefusal,
    /** `host:port` */
    readonly place: string,
    why: string,
  ) {
    super(`${place}: ${why}`);
    this.name = 'EgressRefusedError';
    this.code = `egress.${refusal}`;
  }

  /** Whether it is certain that the server has got nothing. */
  get isUnsent(): boolean {
    return this.refusal === 'not_allowed' || this.refusal === 'bad_url' || this.refusal === 'address';
  }
}
