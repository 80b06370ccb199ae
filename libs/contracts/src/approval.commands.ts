import { z } from 'zod';
import { vote } from './approval.events.js';
import { defineCommand } from './define.js';
import { identity } from './run.commands.js';
import { instant } from './time.js';

/** One person's answer to one request. Who may vote is decided by the approval service, not by who sent it. */
export const CastVote = defineCommand(
  'approval.vote',
  1,
  z.object({
    commandId: z.string().min(1).describe('Repeats are ignored'),
    approvalId: z.string().min(1),
    runId: z.string().min(1),
    by: identity,
    vote,
    callHash: z
      .string()
      .min(1)
      .describe('Hash of what the voter was shown; the vote is refused if it is not that of the request'),
    reason: z.string().max(2_000),
    issuedAt: instant.describe('UTC instant, ms; older than the command window is refused'),
  }),
);

export const approvalCommandMessages = [CastVote] as const;
