import type { ErrorEntry } from './error.entry.js';

/** Why a vote on an approval changes nothing: `approval.vote_refused`, `refusedVotes`. */
export const voteErrors = {
  other_call: {
    meaning: 'The vote names another call than the one that is asked about.',
    action: 'Look at the approval again (`./interlock approvals show ID`), and vote for what you see.',
  },
  other_tenant: {
    meaning: 'The voter is not of the tenant whose people vote.',
    action: 'Vote with an identity of that tenant.',
  },
  wrong_role: {
    meaning: 'The voter has none of the roles that may vote now.',
    action: 'Let somebody with one of the `approvers` roles vote.',
  },
  own_request: {
    meaning: 'The voter asked for it, or shaped what is asked for.',
    action: 'Let somebody else decide.',
  },
  already_voted: {
    meaning: 'The same person has approved already; a second approval counts once.',
    action: 'Nothing: the first vote counts. A dual approval needs another person.',
  },
  settled: {
    meaning: 'The approval was granted, denied, expired or withdrawn before the vote was taken up.',
    action: 'Look at how it ended.',
  },
  command_expired: {
    meaning: 'The vote was sent longer ago than the command window allows.',
    action: 'Look at the approval again, and vote anew.',
  },
  not_decided: {
    meaning: 'The approval service has failed to decide on the vote.',
    action: 'Report it with the log of the approval service; vote again.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
