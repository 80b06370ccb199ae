/** An activation of a policy bundle as the server shows it. */
export interface Activation {
  readonly activationId: string;
  readonly hash: string;
  readonly status: string;
  readonly needed: number;
  readonly approvedBy: readonly string[];
  readonly by: string;
  readonly reason: string;
  readonly until: string;
}

export interface ActivePolicy {
  readonly hash: string;
  readonly name: string;
  readonly version: number;
  readonly because: string;
  readonly approvedBy: readonly string[];
  readonly activatedAt: string;
}
