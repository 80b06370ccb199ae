import { type ApprovalRequirement, hashOf } from '@interlock/contracts';
import { askedIn, type Confirmation } from './people.reading.js';
import { meetsQuorum } from './quorum.js';
import { type CallRequest, isInFront, isLater, type Reading } from './reading.js';

/**
 * Whether the approval service, in its own topic, confirmed this request: for the call it holds, for the one who asked for its run, by
 * a grant that lies before it, and by votes that meet what the verdict requires.
 * @param requirement undefined: the verdict asks for nobody, and what the approval was opened for counts
 * @param at when it has to have said so, ms; undefined: whenever
 */
export const isConfirmed = (
  { people }: Pick<Reading, 'people'>,
  { data, meta }: CallRequest,
  requirement: ApprovalRequirement | undefined,
  at?: number,
): boolean => {
  const starter = people.starters.get(meta.run);
  return (people.confirmations.get(meta.id) ?? []).some((confirmation) => {
    const { data: said, landedAt } = confirmation;
    const asked = people.requested.get(said.approvalId);
    const needed = requirement ?? asked?.data.requirement;
    return (
      said.approvalId === data.approvalId &&
      said.callHash === data.callHash &&
      said.requester === starter?.sub &&
      needed !== undefined &&
      asked !== undefined &&
      meetsQuorum(needed, said.votes, askedIn(asked, starter)) &&
      restsOnGrant(people, confirmation) &&
      !isLater(landedAt, at)
    );
  });
};

/** What it says of votes and call is what a grant said before, in the same topic. */
const restsOnGrant = ({ said }: Reading['people'], confirmation: Confirmation): boolean =>
  (said.get(confirmation.data.approvalId) ?? []).some(
    (event) =>
      event.type === 'approval.granted' &&
      isInFront(event, confirmation) &&
      event.data.callHash === confirmation.data.callHash &&
      hashOf(event.data.votes) === hashOf(confirmation.data.votes),
  );
