import { proposedCall } from './agent/evolve.js';
import { roundLedger } from './agent/ledger.js';
import { approvalOf } from './approval/approvals.js';
import { callAt } from './call/calls.js';
import type { CallLedger, LedgerAt } from './call/owner.js';
import type { For, Owner } from './call/state.js';
import type { DataOf } from './evolving.js';
import { undoingCall } from './rollback/evolve.js';
import { compensationLedger } from './rollback/ledger.js';
import { actingFor, addressed, callOf } from './scope/called.js';
import { pastLedger } from './scope/past.ledger.js';
import type { RunState } from './state.js';
import { stepLedger } from './step/ledger.js';
import { stepNamed } from './step/steps.js';
import { verificationLedger } from './verification/ledger.js';

/** Who keeps the accounts of a call. */
export const ledgerAt: LedgerAt = (state, call) => ledgerOf(callAt(state, call).owner);

function ledgerOf({ kind }: Owner): CallLedger {
  switch (kind) {
    case 'step':
      return stepLedger;
    case 'agent':
      return roundLedger;
    case 'past':
      return pastLedger;
    case 'compensation':
      return compensationLedger;
    case 'verification':
      return verificationLedger;
  }
}

/** What a request is for, by what it says. */
export function forOf(state: RunState, data: DataOf<'call.requested'>): For {
  const { approvalId } = data;
  const approval = approvalId === undefined ? undefined : approvalOf(state, approvalId);
  return { ...ownedBy(state, data), approval };
}

function ownedBy(state: RunState, data: DataOf<'call.requested'>): For {
  if (data.purpose === 'verify') return verificationFor(state, data.step);
  if (data.purpose === 'compensate') return undoingCall(state);
  if (data.agent !== undefined) return proposedCall(state, data, data.agent.index);
  const step = stepNamed(state, data.step);
  return { owner: { kind: 'step', step }, call: callOf(state, step) };
}

function verificationFor(state: RunState, step: string): For {
  const { call } = addressed(state, step);
  if (call === undefined) throw new Error(`step ${step} has no call that could be verified`);
  const verification = actingFor(state, call);
  const owner = { kind: 'verification', call } as const;
  return verification === call ? { owner } : { owner, call: verification };
}
