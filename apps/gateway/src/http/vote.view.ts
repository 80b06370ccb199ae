import { type Identity, instantText } from '@interlock/contracts';
import type { ShownVote } from '@interlock/contracts/http';

interface CountedVote {
  readonly by: Identity;
  readonly vote: ShownVote['vote'];
  readonly reason: string;
  /** UTC ms */
  readonly at: number;
}

/** A vote as people see it: by whom, and neither their roles nor what proved them. */
export const shownVote = ({ by, vote, reason, at }: CountedVote): ShownVote => ({
  by: by.sub,
  vote,
  reason,
  at: instantText(at),
});
