import { CallRequested, callHashOf, type Failure, type MessageOf } from '@interlock/contracts';
import type { CompiledCall, ToolPin } from '@interlock/language';
import { costOf, microUsd, refuseCall } from '../budget.js';
import type { DecisionDraft } from '../decision.draft.js';
import { approvalIdOf } from '../ids.js';
import type { ApprovalIndex, CallIndex } from '../indices.js';
import { influenceMark } from '../influence.js';
import { doubtedBy } from '../scope/called.js';
import type { RunState } from '../state.js';
import { itemAt } from '../tree.js';
import { callDeadline } from './deadline.js';

type Requested = MessageOf<typeof CallRequested>['data'];

/** A request for a call, as it is to be made. */
export interface Call {
  readonly pin: ToolPin;
  readonly effect: Requested['effect'];
  readonly purpose: Requested['purpose'];
  readonly arguments: unknown;
  readonly hash: string;
  readonly occurrence: number;
  readonly generation: number;
  readonly attempt: number;
  readonly recovery: boolean;
  /** Checks besides its own. */
  readonly needs: readonly string[];
  readonly notAfter: number;
  /** Extra fields from its owner. */
  readonly mark?: Pick<Requested, 'agent' | 'verifies'>;
  /** What people were asked for this call last. */
  readonly approval?: ApprovalIndex | undefined;
}

export const pinOf = ({ tool, version, toolHash, timeout }: CompiledCall): ToolPin => ({
  name: tool,
  version,
  toolHash,
  timeoutMs: timeout.attemptMs,
});

/** What the first request for a call says besides. */
type First = Pick<Call, 'pin' | 'effect' | 'purpose' | 'arguments' | 'occurrence' | 'generation'> & {
  readonly step: string;
};

/** The first request for a call, which gives the call its hash. */
export function firstOf(draft: DecisionDraft, { step: path, ...about }: First): Omit<Call, 'notAfter'> {
  const { runId, salt } = draft.state.origin;
  const { pin, occurrence, generation, arguments: args } = about;
  const { toolHash } = pin;
  const hash = callHashOf({ runId, path, occurrence, generation, toolHash, salt, arguments: args });
  return { ...about, hash, attempt: 1, recovery: false, needs: [] };
}

/** Requests the same call again. A call in doubt is repeated whatever the run's deadline says. */
export function requestAgain(draft: DecisionDraft, call: CallIndex): Failure | undefined {
  const called = draft.called(call);
  const { hash, occurrence, generation, doubt, requests, approval, arguments: args } = draft.call(call);
  const owner = draft.owner(call);
  const pin = pinOf(called);
  const overdrawn = owner.refuse(draft, call, pin);
  if (overdrawn !== undefined) return overdrawn;
  const recovery = doubt !== undefined || owner.clearsDoubt;
  return requestOwned(draft, call, {
    pin,
    effect: called.effect,
    purpose: owner.purpose,
    arguments: args,
    hash,
    occurrence,
    generation,
    attempt: requests + 1,
    recovery,
    needs: [],
    approval,
    mark: owner.mark(draft, call),
    notAfter: recovery ? draft.now + draft.settings.notAfterMs : notAfterOf(draft, callDeadline(draft, call)),
  });
}

/** Asks the verify tool what became of the attempt in doubt. Each doubt is a question of its own. */
export function requestVerification(
  draft: DecisionDraft,
  call: CallIndex,
  pin: ToolPin,
): Failure | undefined {
  const { step, tool, toolHash } = draft.called(call);
  const { hash: key, arguments: input, generation, doubts: occurrence } = draft.call(call);
  const about = { step, pin, effect: 'read', purpose: 'verify', occurrence, generation } as const;
  return requestOwned(draft, call, {
    ...firstOf(draft, { ...about, arguments: { key, input } }),
    recovery: true,
    mark: { verifies: { tool, toolHash } },
    notAfter: draft.now + draft.settings.notAfterMs,
  });
}

/** Within the budgets of the run, unless the call that it is about is outside of them. */
function requestOwned(draft: DecisionDraft, call: CallIndex, request: Call): Failure | undefined {
  const { step } = draft.called(call);
  const { outlastsRun } = draft.owner(doubtedBy(draft.state, call));
  return (outlastsRun ? requestCall : requestWithinBudget)(draft, step, request);
}

/** @returns what in the run's budgets kept it from being requested; undefined: it was */
export function requestWithinBudget(draft: DecisionDraft, step: string, call: Call): Failure | undefined {
  const refused = refuseCall(draft.state, microUsd(costOf(draft.settings, call.pin)), call.pin.name);
  if (refused !== undefined) return refused;
  return requestCall(draft, step, call, 1);
}

/** @param toolCalls how many it reserves of the run's budget; 0: it is outside of it */
export function requestCall(draft: DecisionDraft, step: string, call: Call, toolCalls = 0): undefined {
  draft.emit(
    CallRequested({
      step,
      tool: call.pin.name,
      toolVersion: call.pin.version,
      toolHash: call.pin.toolHash,
      effect: call.effect,
      purpose: call.purpose,
      arguments: call.arguments,
      salt: draft.state.origin.salt,
      callHash: call.hash,
      occurrence: call.occurrence,
      generation: call.generation,
      attempt: call.attempt,
      recovery: call.recovery,
      needs: [...call.needs],
      notAfter: call.notAfter,
      timeoutMs: call.pin.timeoutMs,
      ...grantOf(draft.state, call.approval),
      ...call.mark,
      ...influenceMark(draft.state, step),
      reserved: { costUsd: costOf(draft.settings, call.pin), toolCalls },
      principal: principalOf(draft.state),
    }),
  );
}

function grantOf(
  state: RunState,
  index: ApprovalIndex | undefined,
): { approvalId?: string; shapedBy?: string[] } {
  const approval = index === undefined ? undefined : itemAt(state.approvals, index);
  if (approval?.at.status !== 'granted') return {};
  return { approvalId: approvalIdOf(state.origin.runId, approval.seq), shapedBy: [...approval.shapedBy] };
}

/** @param deadline of the step or call, UTC ms */
export const notAfterOf = ({ now, settings }: DecisionDraft, deadline: number): number =>
  Math.min(now + settings.notAfterMs, deadline);

export function principalOf({ origin }: RunState) {
  const { name: workflow, version } = origin.workflow;
  const { sub: requester, roles: requesterRoles, tenant } = origin.by;
  const principal = { workflow, version, requester, requesterRoles: [...requesterRoles] };
  return tenant === undefined ? principal : { ...principal, tenant };
}
