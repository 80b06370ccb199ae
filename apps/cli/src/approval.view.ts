/** The interface's `Approval`. Instants are ISO 8601, UTC. */
export interface Approval {
  readonly approvalId: string;
  readonly runId: string;
  readonly workflow: { readonly name: string; readonly version: number };
  readonly step: string;
  readonly status: string;
  readonly required: 'single' | 'dual';
  /** People who still have to approve. */
  readonly missing: number;
  /** Roles that may vote now. */
  readonly approvers: readonly string[];
  readonly requester: string;
  readonly action?: { readonly tool: string; readonly arguments: unknown; readonly callHash: string };
  readonly question?: string;
  readonly details?: unknown;
  readonly why: readonly string[];
  readonly reason: string;
  readonly votes: readonly {
    readonly by: string;
    readonly vote: string;
    readonly at: string;
    readonly reason: string;
  }[];
  readonly openedAt: string;
  readonly expiresAt: string;
  readonly settledAt?: string;
  readonly because?: string;
}

/** What people are asked to allow, in one line. */
export const subjectOf = ({ action, question }: Approval): string =>
  action === undefined ? (question ?? '') : `${action.tool} ${JSON.stringify(action.arguments)}`;

/** `1 of 2`: how many have approved, of how many. */
export function countOf({ required, missing, status, votes }: Approval): string {
  const needed = required === 'dual' ? 2 : 1;
  const given =
    status === 'pending' ? needed - missing : votes.filter(({ vote }) => vote === 'approve').length;
  return `${given} of ${needed}`;
}

/** The words behind `./interlock` that vote. */
export const voteCommand = (vote: 'approve' | 'deny', { approvalId }: Pick<Approval, 'approvalId'>): string =>
  `approvals ${vote} ${approvalId} --reason "..."`;
