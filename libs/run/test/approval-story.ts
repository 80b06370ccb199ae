import type { Input } from '@interlock/actors';
import {
  ApprovalDenied,
  ApprovalEscalated,
  ApprovalExpired,
  ApprovalGranted,
  ApprovalOpened,
  ApprovalReminded,
  type ApprovalRequested,
  type ApprovalRequirement,
  ApprovalVoted,
  ApprovalVoteRefused,
  ApprovalWithdrawn,
  type Identity,
  type MessageOf,
} from '@interlock/contracts';
import { delivered } from '@interlock/testing';
import { describeRun } from '../src/index.js';
import { before, type RunStory, run, runId } from './run-story.js';
import { write } from './workflows.js';

export const single = { kind: 'single', approvers: ['lead'] } satisfies ApprovalRequirement;
export const dual = { kind: 'dual', approvers: ['finance'] } satisfies ApprovalRequirement;

export const lea: Identity = { sub: 'lea', roles: ['lead'] };
export const fin: Identity = { sub: 'fin', roles: ['finance'] };
export const fay: Identity = { sub: 'fay', roles: ['finance'] };

type Requested = MessageOf<typeof ApprovalRequested>['data'];

/** What people were asked for a step last. */
export function requestOf(story: RunStory, step: string): Requested {
  const event = story.events.findLast(
    ({ type, data }) => type === 'approval.requested' && (data as Requested).step === step,
  );
  if (event === undefined) throw new Error(`nobody was asked for ${step}`);
  return event.data as Requested;
}

export const fromApproval = (message: { type: string; data: unknown }): Input =>
  delivered('approval.events', message, { run: runId });

export function opened(story: RunStory, step: string): Input {
  const { subject, ...request } = requestOf(story, step);
  const { generation } = subject;
  const shown = subject.kind === 'call' ? { action: subject } : {};
  const expiresAt = story.now + (request.requirement.expiresAfterMs ?? 86_400_000);
  return fromApproval(ApprovalOpened({ ...request, generation, ...shown, expiresAt }));
}

const cast = (story: RunStory, by: Identity, callHash: string) =>
  ({ by, vote: 'approve', callHash, at: story.now, reason: `${by.sub} agrees` }) as const;

export function granted(
  story: RunStory,
  step: string,
  people: readonly Identity[] = [lea],
  extra: { callHash?: string } = {},
): Input {
  const { approvalId, callHash } = requestOf(story, step);
  const votes = people.map((by) => cast(story, by, callHash));
  return fromApproval(ApprovalGranted({ approvalId, callHash, votes, ...extra }));
}

export const denied = (story: RunStory, step: string, reason = 'too much'): Input =>
  fromApproval(ApprovalDenied({ approvalId: requestOf(story, step).approvalId, by: lea, reason }));

export const expired = (story: RunStory, step: string, onExpiry: 'deny' | 'fallback' = 'deny'): Input =>
  fromApproval(ApprovalExpired({ approvalId: requestOf(story, step).approvalId, onExpiry }));

export const withdrawn = (story: RunStory, step: string): Input =>
  fromApproval(
    ApprovalWithdrawn({ approvalId: requestOf(story, step).approvalId, because: 'the run went on' }),
  );

export const reminded = (story: RunStory, step: string): Input =>
  fromApproval(ApprovalReminded({ approvalId: requestOf(story, step).approvalId }));

export const escalated = (story: RunStory, step: string): Input =>
  fromApproval(
    ApprovalEscalated({ approvalId: requestOf(story, step).approvalId, to: ['finance-director'] }),
  );

export const voted = (story: RunStory, step: string, commandId: string, by = lea): Input =>
  fromApproval(
    ApprovalVoted({
      approvalId: requestOf(story, step).approvalId,
      commandId,
      by,
      vote: 'approve',
      callHash: requestOf(story, step).callHash,
      reason: 'fine',
    }),
  );

export const voteRefused = (story: RunStory, step: string, commandId: string): Input =>
  fromApproval(
    ApprovalVoteRefused({
      approvalId: requestOf(story, step).approvalId,
      commandId,
      by: lea,
      vote: 'approve',
      callHash: requestOf(story, step).callHash,
      code: 'settled',
      message: 'it was settled',
    }),
  );

/** A run whose step `pay` waits for people. */
export const waiting = (
  steps: Parameters<typeof run>[0] = [write('pay')],
  approval: ApprovalRequirement = single,
): RunStory => {
  const story = run(steps);
  return story.when(before(story, 'pay', { approval }));
};

export const shown = (story: RunStory) => {
  const { status, waitingFor } = describeRun(story.state!);
  return { status, kinds: waitingFor?.map(({ kind }) => kind) };
};
