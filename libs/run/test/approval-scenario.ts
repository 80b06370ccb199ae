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
import { before, type RunScenario, run, runId } from './run-scenario.js';
import { write } from './workflows.js';

export const single = { kind: 'single', approvers: ['lead'] } satisfies ApprovalRequirement;
export const dual = { kind: 'dual', approvers: ['finance'] } satisfies ApprovalRequirement;

export const lea: Identity = { sub: 'lea', roles: ['lead'] };
export const fin: Identity = { sub: 'fin', roles: ['finance'] };
export const fay: Identity = { sub: 'fay', roles: ['finance'] };

type Requested = MessageOf<typeof ApprovalRequested>['data'];

/** What people were asked for a step last. */
export function requestOf(scenario: RunScenario, step: string): Requested {
  const event = scenario.events.findLast(
    ({ type, data }) => type === 'approval.requested' && (data as Requested).step === step,
  );
  if (event === undefined) throw new Error(`nobody was asked for ${step}`);
  return event.data as Requested;
}

export const fromApproval = (message: { type: string; data: unknown }): Input =>
  delivered('approval.events', message, { run: runId });

export function opened(scenario: RunScenario, step: string): Input {
  const { subject, ...request } = requestOf(scenario, step);
  const { generation } = subject;
  const shown = subject.kind === 'call' ? { action: subject } : {};
  const expiresAt = scenario.now + (request.requirement.expiresAfterMs ?? 86_400_000);
  return fromApproval(ApprovalOpened({ ...request, generation, ...shown, expiresAt }));
}

const cast = (scenario: RunScenario, by: Identity, callHash: string) =>
  ({ by, vote: 'approve', callHash, at: scenario.now, reason: `${by.sub} agrees` }) as const;

export function granted(
  scenario: RunScenario,
  step: string,
  people: readonly Identity[] = [lea],
  extra: { callHash?: string } = {},
): Input {
  const { approvalId, callHash } = requestOf(scenario, step);
  const votes = people.map((by) => cast(scenario, by, callHash));
  return fromApproval(ApprovalGranted({ approvalId, callHash, votes, ...extra }));
}

export const denied = (scenario: RunScenario, step: string, reason = 'too much'): Input =>
  fromApproval(ApprovalDenied({ approvalId: requestOf(scenario, step).approvalId, by: lea, reason }));

export const expired = (scenario: RunScenario, step: string, onExpiry: 'deny' | 'fallback' = 'deny'): Input =>
  fromApproval(ApprovalExpired({ approvalId: requestOf(scenario, step).approvalId, onExpiry }));

export const withdrawn = (scenario: RunScenario, step: string): Input =>
  fromApproval(
    ApprovalWithdrawn({ approvalId: requestOf(scenario, step).approvalId, because: 'the run went on' }),
  );

export const reminded = (scenario: RunScenario, step: string): Input =>
  fromApproval(ApprovalReminded({ approvalId: requestOf(scenario, step).approvalId }));

export const escalated = (scenario: RunScenario, step: string): Input =>
  fromApproval(
    ApprovalEscalated({ approvalId: requestOf(scenario, step).approvalId, to: ['finance-director'] }),
  );

export const voted = (scenario: RunScenario, step: string, commandId: string, by = lea): Input =>
  fromApproval(
    ApprovalVoted({
      approvalId: requestOf(scenario, step).approvalId,
      commandId,
      by,
      vote: 'approve',
      callHash: requestOf(scenario, step).callHash,
      reason: 'fine',
    }),
  );

export const voteRefused = (scenario: RunScenario, step: string, commandId: string): Input =>
  fromApproval(
    ApprovalVoteRefused({
      approvalId: requestOf(scenario, step).approvalId,
      commandId,
      by: lea,
      vote: 'approve',
      callHash: requestOf(scenario, step).callHash,
      code: 'settled',
      message: 'it was settled',
    }),
  );

/** A run whose step `pay` waits for people. */
export const waiting = (
  steps: Parameters<typeof run>[0] = [write('pay')],
  approval: ApprovalRequirement = single,
): RunScenario => {
  const scenario = run(steps);
  return scenario.when(before(scenario, 'pay', { approval }));
};

export const shown = (scenario: RunScenario) => {
  const { status, waitingFor } = describeRun(scenario.state!);
  return { status, kinds: waitingFor?.map(({ kind }) => kind) };
};
