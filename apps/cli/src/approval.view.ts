import { type HashedCall, type HashedQuestion, visibleJson } from '@interlock/contracts';

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
  /** Who may not vote. */
  readonly shapedBy: readonly string[];
  readonly callHash: string;
  readonly action?: Action;
  readonly question?: string;
  readonly details?: unknown;
  /** Of a question. */
  readonly hashed?: HashedQuestion;
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

export interface Action {
  readonly tool: string;
  readonly arguments: unknown;
  readonly callHash: string;
  /** Exactly what the hash covers. */
  readonly hashed: HashedCall;
  /** Models whose proposals led to it. Absent: none. */
  readonly influencedBy?: readonly {
    readonly step: string;
    readonly level: string;
    readonly model: string;
    readonly plan: string;
  }[];
}

/** Which models led to a call; undefined: none did. */
export const modelsBehind = ({ influencedBy = [] }: Action): string | undefined =>
  influencedBy.length === 0
    ? undefined
    : influencedBy
        .map(
          ({ step, level, model, plan }) => `what ${model} proposed in step ${step} (${level}, plan ${plan})`,
        )
        .join(' and ');

/** What people are asked to allow, in one line. */
export const subjectOf = ({ action, question }: Approval): string =>
  visibleJson(
    action === undefined
      ? (question ?? '').replaceAll(/\s*\n\s*/g, ' ')
      : `${action.tool} ${JSON.stringify(action.arguments)}`,
  );

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

/** Never cut and never changed, since it is what a vote is for: read as JSON it is the very value, with what nobody would see escaped. */
export const wholeOf = (value: unknown): string =>
  JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => `  ${visibleJson(line)}`)
    .join('\n');
