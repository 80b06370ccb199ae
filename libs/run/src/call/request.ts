import { CallRequested, callHashOf, type Failure } from '@interlock/contracts';
import type { CompiledCall, CompiledToolStep, ToolPin } from '@interlock/language';
import { costOf, microUsd, refuseCall } from '../budget.js';
import type { DecisionDraft } from '../decision.draft.js';
import { approvalAt, approvalIdOf } from '../edit.js';
import type { ApprovalIndex, StepIndex } from '../indices.js';
import { influenceMark } from '../influence.js';
import type { CallState, RunState } from '../state.js';
import { deadlineOf } from './deadline.js';
import type { Proposer } from './owner.js';

/** A request for a call, as it is to be made. */
export interface Call {
  readonly pin: ToolPin;
  readonly effect: 'read' | 'write';
  readonly purpose: 'step' | 'verify' | 'compensate';
  readonly arguments: unknown;
  readonly hash: string;
  readonly occurrence: number;
  readonly generation: number;
  readonly attempt: number;
  readonly recovery: boolean;
  readonly needs: readonly string[];
  readonly notAfter: number;
  /** The write in doubt that a verification asks about. */
  readonly verifies?: { readonly tool: string; readonly toolHash: string };
  readonly agent?: Proposer | undefined;
  /** Ordinal of what people were asked for this call last. */
  readonly approval?: ApprovalIndex | undefined;
}

const toolOf = (draft: DecisionDraft, place: StepIndex): CompiledToolStep =>
  draft.definition(place) as CompiledToolStep;

export const pinOf = ({ tool, version, toolHash, timeout }: CompiledCall): ToolPin => ({
  name: tool,
  version,
  toolHash,
  timeoutMs: timeout.attemptMs,
});

/** What the first request for a call says besides. */
interface First {
  readonly step: string;
  readonly pin: ToolPin;
  readonly effect: 'read' | 'write';
  readonly purpose: 'step' | 'compensate';
  readonly arguments: unknown;
  readonly occurrence: number;
  readonly generation: number;
}

/** The first request for a call, which gives the call its hash. */
export function firstOf(draft: DecisionDraft, { step: path, ...about }: First): Omit<Call, 'notAfter'> {
  const { runId, salt } = draft.state.origin;
  const { pin, occurrence, generation, arguments: args } = about;
  const { toolHash } = pin;
  const hash = callHashOf({ runId, path, occurrence, generation, toolHash, salt, arguments: args });
  return { ...about, hash, attempt: 1, recovery: false, needs: [] };
}

/** Requests the same call again. A call in doubt is repeated whatever the run's deadline says. */
export function requestAgain(draft: DecisionDraft, place: StepIndex): Failure | undefined {
  const step = toolOf(draft, place);
  const call = draft.step(place).call!;
  const recovery = call.doubt !== undefined;
  const owner = draft.owner(place);
  const overdrawn = owner.refuse(draft, place, pinOf(step));
  if (overdrawn !== undefined) return overdrawn;
  const makes = owner.outlastsRun ? requestCall : requestWithinBudget;
  return makes(draft, step.id, {
    pin: pinOf(step),
    effect: step.effect,
    purpose: owner.purpose,
    arguments: call.arguments,
    hash: call.hash,
    occurrence: owner.occurrence(draft.state, place),
    generation: call.generation,
    attempt: call.callRequests + 1,
    recovery,
    needs: [],
    approval: call.approval,
    agent: owner.proposer(draft, place),
    notAfter: recovery ? draft.now + draft.settings.notAfterMs : notAfterOf(draft, place),
  });
}

/** The question to the verify tool about the attempt in doubt. */
export const verificationOf = ({ hash: key, arguments: input, generation, doubts }: CallState) => ({
  arguments: { key, input },
  occurrence: doubts,
  generation,
});

/** Asks the verify tool what became of the attempt in doubt. Each doubt is a question of its own. */
export function requestVerification(
  draft: DecisionDraft,
  place: StepIndex,
  pin: ToolPin,
): Failure | undefined {
  const step = toolOf(draft, place);
  const { call, verify } = draft.step(place);
  const { runId, salt } = draft.state.origin;
  const about = verificationOf(call!);
  const hash = callHashOf({ runId, path: step.id, toolHash: pin.toolHash, salt, ...about });
  const earlier = verify?.hash === hash ? verify : undefined;
  const makes = draft.owner(place).outlastsRun ? requestCall : requestWithinBudget;
  return makes(draft, step.id, {
    pin,
    effect: 'read',
    purpose: 'verify',
    verifies: { tool: step.tool, toolHash: step.toolHash },
    ...about,
    hash,
    attempt: (earlier?.callRequests ?? 0) + 1,
    recovery: true,
    needs: [],
    approval: earlier?.approval,
    notAfter: draft.now + draft.settings.notAfterMs,
  });
}

/** @returns what in the run's budgets kept it from being requested; undefined: it was */
export function requestWithinBudget(draft: DecisionDraft, step: string, call: Call): Failure | undefined {
  const refused = refuseCall(draft.state, microUsd(costOf(draft.settings, call.pin)));
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
      needs: [...call.needs, draft.nextId],
      notAfter: call.notAfter,
      timeoutMs: call.pin.timeoutMs,
      ...grantOf(draft.state, call.approval),
      ...(call.verifies === undefined ? {} : { verifies: call.verifies }),
      ...(call.agent === undefined ? {} : { agent: call.agent }),
      ...influenceMark(draft.state, step),
      reserved: { costUsd: costOf(draft.settings, call.pin), toolCalls },
      principal: principalOf(draft.state),
    }),
  );
}

function grantOf(
  state: RunState,
  ordinal: ApprovalIndex | undefined,
): { approvalId?: string; shapedBy?: string[] } {
  const approval = ordinal === undefined ? undefined : approvalAt(state, ordinal);
  if (approval?.status !== 'granted') return {};
  return { approvalId: approvalIdOf(state, approval), shapedBy: [...approval.shapedBy] };
}

export function notAfterOf(draft: DecisionDraft, place: StepIndex): number {
  const { now, settings } = draft;
  return Math.min(now + settings.notAfterMs, deadlineOf(draft, place));
}

export function principalOf({ origin }: RunState) {
  const { name: workflow, version } = origin.workflow;
  const { sub: requester, roles: requesterRoles, tenant } = origin.by;
  const principal = { workflow, version, requester, requesterRoles: [...requesterRoles] };
  return tenant === undefined ? principal : { ...principal, tenant };
}
