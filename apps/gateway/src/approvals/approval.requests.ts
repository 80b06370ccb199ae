import { vote } from '@interlock/contracts';
import { z } from 'zod';
import { commandIdText, limitOf, reasonText, runIdText } from '../http/request.schema.js';
import { approvalStatuses } from '../read-model/approval.fold.js';

/** `<runId>.<seq>`: the run's event that asked for it. */
export const approvalIdPattern = /^([A-Za-z0-9][A-Za-z0-9._:-]{0,99})\.\d{1,15}$/;
const cursorPattern = /^\d{1,16}\.[A-Za-z0-9][A-Za-z0-9._:-]{0,115}$/;

export const listApprovalsQuery = z.strictObject({
  status: z.enum(approvalStatuses).optional(),
  role: z.string().min(1).max(200).optional(),
  runId: runIdText.optional(),
  limit: limitOf(50, 500),
  cursor: z.string().regex(cursorPattern, 'is not a cursor of this list').optional(),
});

export const voteBody = z.strictObject({
  vote,
  /** Of what the voter was shown. */
  callHash: z.string().min(1).max(200),
  reason: reasonText,
  commandId: commandIdText.optional(),
});
export type VoteBody = z.output<typeof voteBody>;
