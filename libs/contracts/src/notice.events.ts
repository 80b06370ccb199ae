import { z } from 'zod';
import { personal } from './classification.js';
import { defineEvent, type MessageOf } from './define.js';
import { noticeKinds } from './notification.hook.js';
import { instant } from './time.js';

/** What the notifier has to tell, and what became of it: `notice.events`. */

const hook = z.string();
const noticeId = z.string().describe('The event that it tells of: the run’s id, a slash and its seq');
const at = z.number().int().describe('UTC instant, ms');

/** What a model asks whom its step serves, for whoever brings them its questions. */
export const noticedQuestion = z.object({
  id: z.string(),
  to: z.string().meta(personal),
  text: z.string().meta(personal),
  until: instant.describe('UTC instant, ms'),
});

/** A run begins that some hook wants to hear of. */
export const RunFollowed = defineEvent(
  'notice.run_followed',
  1,
  z.object({
    workflow: z.object({ name: z.string(), version: z.number().int() }),
    tenant: z.string().optional(),
  }),
);

export const NoticeDue = defineEvent(
  'notice.due',
  1,
  z.object({
    noticeId,
    kind: z.enum(noticeKinds),
    status: z.string().describe('Of the run'),
    step: z.string().optional(),
    waitsFor: z.enum(['approval', 'operator', 'form', 'conversation']).optional(),
    question: noticedQuestion
      .optional()
      .describe('Of the kind `asked`: told to hooks that take these, and to no other'),
    at: at.describe('When it happened, UTC ms'),
    hooks: z.array(hook).min(1),
  }),
);

export const NoticeDelivered = defineEvent('notice.delivered', 1, z.object({ noticeId, hook, at }));

/** An attempt has failed. */
export const NoticeFailed = defineEvent(
  'notice.failed',
  1,
  z.object({
    noticeId,
    hook,
    because: z.string().max(500),
    again: at.describe('When the next attempt is due'),
  }),
);

export const NoticeGivenUp = defineEvent(
  'notice.given_up',
  1,
  z.object({ noticeId, hook, because: z.string().max(500), at }),
);

/** The run has ended, and nobody can take it up again: nothing more is told of it. */
export const RunUnfollowed = defineEvent('notice.run_unfollowed', 1, z.object({}));

export const noticeLifeEvents = [
  RunFollowed,
  NoticeDue,
  NoticeDelivered,
  NoticeFailed,
  NoticeGivenUp,
  RunUnfollowed,
] as const;
export type NoticeEvent = MessageOf<(typeof noticeLifeEvents)[number]>;
