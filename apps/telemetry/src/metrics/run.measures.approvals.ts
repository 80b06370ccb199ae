import { type Measurement, measured } from './definition.js';
import { type LoggedRunEvent, type OpenRun, seconds, stepOf } from './open.run.js';
import {
  approvalEscalations,
  approvalsOpened,
  approvalsSettled,
  approvalVotes,
  approvalWait,
} from './run.metrics.js';
import { zerosOfApproval } from './zeros.js';

type ApprovalEvent = Extract<
  LoggedRunEvent,
  {
    type:
      | 'approval.opened'
      | 'approval.voted'
      | 'approval.vote_refused'
      | 'approval.escalated'
      | 'approval.granted'
      | 'approval.denied'
      | 'approval.expired'
      | 'approval.withdrawn';
  }
>;

export function approvalMeasures(run: OpenRun, event: ApprovalEvent): Measurement[] {
  switch (event.type) {
    case 'approval.opened':
      return open(run, event);
    case 'approval.voted':
      return [measured(approvalVotes, { vote: event.data.vote })];
    case 'approval.vote_refused':
      return [measured(approvalVotes, { vote: 'refused' })];
    case 'approval.escalated': {
      const asked = run.approvals.get(event.data.approvalId);
      return asked === undefined ? [] : [measured(approvalEscalations, { kind: asked.kind })];
    }
    case 'approval.granted':
      run.granted.add(event.data.approvalId);
      return settle(run, event);
    case 'approval.denied':
    case 'approval.expired':
    case 'approval.withdrawn':
      return settle(run, event);
  }
}

function open(run: OpenRun, { time, data }: ApprovalEvent & { type: 'approval.opened' }): Measurement[] {
  const { approvalId, step, requirement, action } = data;
  const { kind } = requirement;
  const subject = action === undefined ? 'question' : 'call';
  stepOf(run, step, time);
  run.approvals.set(approvalId, { step, kind, subject, at: time });
  return [measured(approvalsOpened, { subject, kind }), ...zerosOfApproval(subject, kind)];
}

function settle(run: OpenRun, { type, time, data }: ApprovalEvent): Measurement[] {
  const asked = run.approvals.get(data.approvalId);
  if (asked === undefined) return [];
  run.approvals.delete(data.approvalId);
  const { step, kind, subject, at } = asked;
  const outcome = type.slice('approval.'.length);
  const atStep = run.steps.get(step);
  if (atStep !== undefined) atStep.peopleMs += time - at;
  return [
    measured(approvalsSettled, { subject, kind, outcome }),
    measured(approvalWait, { kind, outcome }, seconds(time - at)),
  ];
}
