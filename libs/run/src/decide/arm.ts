import { CallArmed, callHashOf, type Failure, type ProposedCall } from '@interlock/contracts';
import type { CompiledCall, CompiledToolStep, ToolPin } from '@interlock/language';
import { costOf, microUsd, refuseCall } from '../budget.js';
import type { Proposer } from '../call/owner.js';
import type { Emitter } from '../emitter.js';
import { approvalAt, approvalIdOf } from '../evolve/approvals.js';
import type { ApprovalIndex, StepIndex } from '../indices.js';
import type { Write } from '../rollback.state.js';
import type { CallState, RunState } from '../state.js';
import { influenceMark } from './influence.js';
import { agentStep, proposerOf, refuseProposal } from './proposer.js';

interface Call {
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

const toolOf = (emitter: Emitter, place: StepIndex): CompiledToolStep =>
  emitter.definition(place) as CompiledToolStep;

const pinOf = ({ tool, version, toolHash, timeout }: CompiledCall): ToolPin => ({
  name: tool,
  version,
  toolHash,
  timeoutMs: timeout.attemptMs,
});

/**
 * Arms a step's call for the first time, or with other arguments than before.
 * @param needs checks asked for in this decision that must allow it too
 * @returns what stands against it; nothing was armed then
 */
export function armCall(
  emitter: Emitter,
  place: StepIndex,
  args: unknown,
  needs: readonly string[],
): Failure | undefined {
  const step = toolOf(emitter, place);
  const { generation } = emitter.step(place);
  const { runId, salt } = emitter.state.origin;
  const { toolHash } = step;
  const hash = callHashOf({
    runId,
    path: step.id,
    occurrence: 1,
    generation,
    toolHash,
    salt,
    arguments: args,
  });
  return armWithinBudget(emitter, step.id, {
    pin: pinOf(step),
    effect: step.effect,
    purpose: 'step',
    arguments: args,
    hash,
    occurrence: 1,
    generation,
    attempt: 1,
    recovery: false,
    needs,
    notAfter: notAfterOf(emitter, place),
  });
}

/**
 * Arms a call that a model proposed.
 * @param tool index in the list of the step
 * @returns what stands against it; nothing was armed then
 */
export function armProposed(
  emitter: Emitter,
  owner: StepIndex,
  tool: number,
  { arguments: args, occurrence }: ProposedCall,
): Failure | undefined {
  const { id: step, agent } = agentStep(emitter, owner);
  const call = agent.tools[tool]!;
  const pin = pinOf(call);
  const overdrawn = refuseProposal(emitter, owner, pin);
  if (overdrawn !== undefined) return overdrawn;
  const { generation } = emitter.step(owner);
  const { runId, salt } = emitter.state.origin;
  const { toolHash } = call;
  return armWithinBudget(emitter, step, {
    pin,
    effect: call.effect,
    purpose: 'step',
    arguments: args,
    hash: callHashOf({ runId, path: step, occurrence, generation, toolHash, salt, arguments: args }),
    occurrence,
    generation,
    attempt: 1,
    recovery: false,
    needs: [],
    agent: proposerOf(emitter, owner),
    notAfter: notAfterOf(emitter, owner),
  });
}

/** Arms the same call again. A call in doubt is repeated whatever the run's deadline says. */
export function armAgain(emitter: Emitter, place: StepIndex): Failure | undefined {
  const step = toolOf(emitter, place);
  const call = emitter.step(place).call!;
  const recovery = call.doubt !== undefined;
  const owner = emitter.owner(place);
  const overdrawn = owner.refuse(emitter, place, pinOf(step));
  if (overdrawn !== undefined) return overdrawn;
  const makes = owner.outlastsRun ? arm : armWithinBudget;
  return makes(emitter, step.id, {
    pin: pinOf(step),
    effect: step.effect,
    purpose: owner.purpose,
    arguments: call.arguments,
    hash: call.hash,
    occurrence: owner.occurrence(emitter.state, place),
    generation: call.generation,
    attempt: call.armings + 1,
    recovery,
    needs: [],
    approval: call.approval,
    agent: owner.proposer(emitter, place),
    notAfter: recovery ? emitter.now + emitter.settings.notAfterMs : notAfterOf(emitter, place),
  });
}

/** The question to the verify tool about the attempt in doubt. */
export const verificationOf = ({ hash: key, arguments: input, generation, doubts }: CallState) => ({
  arguments: { key, input },
  occurrence: doubts,
  generation,
});

/** Asks the verify tool what became of the attempt in doubt. Each doubt is a question of its own. */
export function armVerify(emitter: Emitter, place: StepIndex, pin: ToolPin): Failure | undefined {
  const step = toolOf(emitter, place);
  const { call, verify } = emitter.step(place);
  const { runId, salt } = emitter.state.origin;
  const about = verificationOf(call!);
  const hash = callHashOf({ runId, path: step.id, toolHash: pin.toolHash, salt, ...about });
  const earlier = verify?.hash === hash ? verify : undefined;
  const makes = emitter.owner(place).outlastsRun ? arm : armWithinBudget;
  return makes(emitter, step.id, {
    pin,
    effect: 'read',
    purpose: 'verify',
    verifies: { tool: step.tool, toolHash: step.toolHash },
    ...about,
    hash,
    attempt: (earlier?.armings ?? 0) + 1,
    recovery: true,
    needs: [],
    approval: earlier?.approval,
    notAfter: emitter.now + emitter.settings.notAfterMs,
  });
}

/**
 * Arms the call that undoes a write. It is none of the run's tool calls: what is left of a budget must not decide
 * whether a write that happened can be undone, so compensations and their verifications reserve nothing (I7) and are
 * counted apart. What bounds them: one for each write, with the attempts that retry and recovery allow.
 */
export function armCompensation(emitter: Emitter, write: Write, pin: ToolPin, args: unknown): string {
  const { generation } = write;
  const step = emitter.definition(write.step).id;
  const { runId, salt } = emitter.state.origin;
  const { toolHash } = pin;
  const hash = callHashOf({ runId, path: step, occurrence: 1, generation, toolHash, salt, arguments: args });
  if (hash === write.hash) return hash;
  arm(emitter, step, {
    pin,
    effect: 'write',
    purpose: 'compensate',
    arguments: args,
    hash,
    occurrence: 1,
    generation,
    attempt: 1,
    recovery: false,
    needs: [],
    notAfter: emitter.now + emitter.settings.notAfterMs,
  });
  return hash;
}

function armWithinBudget(emitter: Emitter, step: string, call: Call): Failure | undefined {
  const refused = refuseCall(emitter.state, microUsd(costOf(emitter.settings, call.pin)));
  if (refused !== undefined) return refused;
  return arm(emitter, step, call, 1);
}

/** @param toolCalls how many it reserves of the run's budget; 0: it is outside of it */
function arm(emitter: Emitter, step: string, call: Call, toolCalls = 0): undefined {
  emitter.emit(
    CallArmed({
      step,
      tool: call.pin.name,
      toolVersion: call.pin.version,
      toolHash: call.pin.toolHash,
      effect: call.effect,
      purpose: call.purpose,
      arguments: call.arguments,
      salt: emitter.state.origin.salt,
      callHash: call.hash,
      occurrence: call.occurrence,
      generation: call.generation,
      attempt: call.attempt,
      recovery: call.recovery,
      needs: [...call.needs, emitter.nextId],
      notAfter: call.notAfter,
      timeoutMs: call.pin.timeoutMs,
      ...grantOf(emitter.state, call.approval),
      ...(call.verifies === undefined ? {} : { verifies: call.verifies }),
      ...(call.agent === undefined ? {} : { agent: call.agent }),
      ...influenceMark(emitter.state, step),
      reserved: { costUsd: costOf(emitter.settings, call.pin), toolCalls },
      principal: principalOf(emitter.state),
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

function notAfterOf(emitter: Emitter, place: StepIndex): number {
  const { now, settings } = emitter;
  return Math.min(now + settings.notAfterMs, deadlineOf(emitter, place));
}

/** When time is up for a step or a call: its own or that of the run, UTC ms. */
export function deadlineOf(emitter: Emitter, place: StepIndex): number {
  const owner = emitter.owner(place);
  if (owner.outlastsRun) return Number.POSITIVE_INFINITY;
  const { deadline } = emitter.state.origin;
  const { totalMs } = emitter.definition(place).timeout;
  if (totalMs === undefined) return deadline;
  const { startedAt = emitter.now } = emitter.step(owner.step(emitter.state, place) ?? place);
  return Math.min(deadline, startedAt + totalMs);
}

export function principalOf({ origin }: RunState) {
  const { name: workflow, version } = origin.workflow;
  const { sub: requester, roles: requesterRoles, tenant } = origin.by;
  const principal = { workflow, version, requester, requesterRoles: [...requesterRoles] };
  return tenant === undefined ? principal : { ...principal, tenant };
}
