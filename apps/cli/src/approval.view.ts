import { visibleJson } from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';

type Action = NonNullable<Approval['action']>;

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

/** The arguments of `./interlock` that cast this vote. */
export const voteCommand = (vote: 'approve' | 'deny', { approvalId }: Pick<Approval, 'approvalId'>): string =>
  `approvals ${vote} ${approvalId} --reason "..."`;

/** Never cut and never changed, since a vote is for exactly this: it is the value as JSON, with invisible characters escaped. */
export const wholeOf = (value: unknown): string =>
  JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => `  ${visibleJson(line)}`)
    .join('\n');
