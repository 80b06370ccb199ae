import type { Failure } from '@interlock/contracts';
import type { CompiledAgentStep, CompiledCall, CompiledRetry, ToolPin } from '@interlock/language';
import { callAt } from '../call/calls.js';
import type { CallState } from '../call/state.js';
import type { CallIndex, StepIndex } from '../indices.js';
import { callWriteAt } from '../rollback/writes.js';
import type { RunState } from '../state.js';
import { kindAt } from '../step/index.js';
import { findStep, stepAt } from '../step/steps.js';
import { definitionAt } from './definition.js';
import { bodyAt } from './workflow.index.js';

/* What follows from whom a call belongs to: nobody else looks into `owner`, but for the objects that speak and keep accounts for it. */

/** How a call is made, retried, recovered and undone. */
export interface Called extends CompiledCall {
  /** Id of the step in whose name it is made: its own, or the one whose write it undoes. */
  readonly step: string;
  readonly retry?: CompiledRetry | undefined;
}

export function calledAt(state: RunState, call: CallIndex): Called {
  const { owner, made } = callAt(state, call);
  if (made !== undefined) return madeBefore(state, made);
  switch (owner.kind) {
    case 'step': {
      const step = definitionAt(state, owner.step, 'tool');
      return { ...step, step: step.id };
    }
    case 'agent':
      return toolOf(definitionAt(state, owner.step, 'agent'), owner.tool);
    case 'past': {
      const definition = bodyAt(state, owner.body).steps[owner.position]?.definition;
      if (definition?.kind === 'tool') return { ...definition, step: owner.path };
      if (definition?.kind === 'agent') return toolOf({ ...definition, id: owner.path }, owner.tool ?? 0);
      throw new Error(`step ${owner.path} makes no calls`);
    }
    case 'compensation': {
      const { step, tool, compensate, retry } = calledAt(state, callWriteAt(state, owner.write).call);
      if (compensate === undefined) throw new Error(`nothing undoes ${tool}`);
      return { ...pinned(compensate.tool), step, effect: 'write', recovery: compensate.recovery, retry };
    }
    case 'verification': {
      const { step, tool, recovery, retry } = calledAt(state, owner.call);
      if (recovery?.by !== 'verify') throw new Error(`nothing verifies ${tool}`);
      return { ...pinned(recovery.tool), step, effect: 'read', retry };
    }
  }
}

function madeBefore({ earlier = [] }: RunState, { as, step }: NonNullable<CallState['made']>): Called {
  const way = earlier[as];
  if (way === undefined) throw new Error(`nobody knows how the call of ${step} was made`);
  return { ...way, step };
}

function toolOf({ id, agent, timeout, retry }: CompiledAgentStep, index: number): Called {
  const tool = agent.tools[index];
  if (tool === undefined) throw new Error(`step ${id} has no tool ${index}`);
  const { totalMs } = timeout;
  return {
    ...tool,
    step: id,
    retry,
    timeout: totalMs === undefined ? tool.timeout : { ...tool.timeout, totalMs },
  };
}

const pinned = ({ name, version, toolHash, timeoutMs }: ToolPin) => ({
  tool: name,
  version,
  toolHash,
  timeoutMs,
  timeout: { attemptMs: timeoutMs },
});

/** The step in whose name it is made, or, where that is not there any more, the outermost step around it. */
export function stepOf(state: RunState, call: CallIndex): StepIndex {
  const { owner } = callAt(state, call);
  switch (owner.kind) {
    case 'step':
    case 'agent':
      return owner.step;
    case 'past':
      return owner.under;
    case 'compensation':
      return stepOf(state, callWriteAt(state, owner.write).call);
    case 'verification':
      return stepOf(state, owner.call);
  }
}

/** The call itself, or, of a verification, the call in doubt that it asks about. */
export function doubtedBy(state: RunState, call: CallIndex): CallIndex {
  const { owner } = callAt(state, call);
  return owner.kind === 'verification' ? owner.call : call;
}

/** The call itself, or the verification that is under way for it: what a retry, a stop or an approval is about. */
export function actingFor(state: RunState, call: CallIndex): CallIndex {
  const { at } = callAt(state, call);
  return at.phase === 'verifying' ? at.verification : call;
}

/** The call that a step makes, or that its agent makes just now. */
export function callOf(state: RunState, step: StepIndex): CallIndex | undefined {
  const { work } = stepAt(state, step);
  return work === undefined ? undefined : kindAt(state, step).call?.(work);
}

/** Whether its owner waits for it, and not for a person's decision. */
export function isCurrent(state: RunState, call: CallIndex): boolean {
  const { owner, at } = callAt(state, call);
  switch (owner.kind) {
    case 'step':
    case 'agent':
      return (
        at.phase !== 'person' &&
        stepAt(state, owner.step).at.status === 'running' &&
        callOf(state, owner.step) === call
      );
    case 'past':
      return false;
    case 'compensation':
      return at.phase !== 'person' && state.rollback?.call === call;
    case 'verification': {
      const { at: doubted } = callAt(state, owner.call);
      return doubted.phase === 'verifying' && doubted.verification === call;
    }
  }
}

/** The current call in the place of this one: if its step made it again, the new one, provided that it has the same hash. */
export function standing(state: RunState, call: CallIndex): CallIndex | undefined {
  const { owner, hash } = callAt(state, call);
  if (owner.kind !== 'step') return call;
  const now = callOf(state, owner.step);
  return now !== undefined && callAt(state, now).hash === hash ? now : undefined;
}

/** Calls that are under way, or whose outcome is not yet used: at most one for each step that is open, and a compensation. */
export function openCalls(state: RunState): CallIndex[] {
  const calls = state.active.flatMap((step) => callOf(state, step) ?? []);
  return state.rollback?.call === undefined ? calls : [...calls, state.rollback.call];
}

/** What an event or a command about a step is about: the step, with the call that it makes, or a call made in its name. */
export type Addressed =
  | { readonly kind: 'step'; readonly step: StepIndex; readonly call?: CallIndex | undefined }
  /** The one that undoes its write, or that its agent makes. */
  | { readonly kind: 'call'; readonly step: StepIndex; readonly call: CallIndex };

/** undefined: the workflow has no such step. */
export function findAddressed(state: RunState, id: string): Addressed | undefined {
  const undoing = state.rollback?.call;
  if (undoing !== undefined && calledAt(state, undoing).step === id)
    return { kind: 'call', step: stepOf(state, undoing), call: undoing };
  const step = findStep(state, id);
  if (step === undefined) return undefined;
  const call = callOf(state, step);
  const isOwn = call === undefined || callAt(state, call).owner.kind === 'step';
  return isOwn ? { kind: 'step', step, call } : { kind: 'call', step, call };
}

/** @throws the workflow has no such step */
export function addressed(state: RunState, id: string): Addressed {
  const found = findAddressed(state, id);
  if (found === undefined) throw new Error(`the workflow of run ${state.origin.runId} has no step ${id}`);
  return found;
}

/** Since when a person is to decide, UTC ms, and for which failure; undefined: nobody is. */
export function parkedAt(
  state: RunState,
  { kind, step, call }: Addressed,
): { readonly since: number; readonly failure: Failure } | undefined {
  if (kind === 'step') {
    const { at, since } = stepAt(state, step);
    return at.status === 'parked' ? { since, failure: at.failure } : undefined;
  }
  const { at, since } = callAt(state, call);
  return at.phase === 'person' ? { since, failure: at.failure } : undefined;
}

/** Whether an older check is still open behind it: something that its step needs is not closed. */
export const isBlocked = (state: RunState, call: CallIndex): boolean =>
  callAt(state, call).owner.kind !== 'past' && stepAt(state, stepOf(state, call)).unmet > 0;
