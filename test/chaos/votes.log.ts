import { approvalCommands, approvalEvents } from '@interlock/contracts';
import { open } from '@interlock/log';
import { acceptedOf, type StoredLog } from '../e2e/stored.log.ts';

/** What a log says of votes. */
export interface VotesInLog {
  /** `APPROVAL PERSON` of each vote that counts; one that counted twice is there twice. */
  readonly counted: string[];
  /** Reasons of votes that did not count. */
  readonly refused: string[];
  /** Different commands. */
  readonly sent: number;
  /** Records with the id of a command that was there before. */
  readonly sentAgain: number;
}

export function votesIn(log: StoredLog): VotesInLog {
  const said = acceptedOf(log, approvalEvents.name);
  const ids = (log.get(approvalCommands.name) ?? []).flat().flatMap((record) => open(record)?.meta.id ?? []);
  const sent = new Set(ids).size;
  return {
    counted: said.flatMap(({ type, data }) =>
      type === 'approval.voted' ? [`${data.approvalId} ${data.by.sub}`] : [],
    ),
    refused: said.flatMap(({ type, data }) => (type === 'approval.vote_refused' ? [data.code] : [])),
    sent,
    sentAgain: ids.length - sent,
  };
}
