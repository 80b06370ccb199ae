import { type CompiledWorkflow, flowOf } from '@interlock/language';
import type { Approval } from '../approval/state.js';
import type { CallState, Owner } from '../call/state.js';
import type { DataOf, EvolveBy } from '../evolving.js';
import type { StepIndex } from '../indices.js';
import { internWorkflow, workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { isClosed, mayStart, shapeStep, stepAt } from '../step/steps.js';
import { getItem, indicesOf, setItem, type Tree } from '../tree.js';
import { begunSteps } from './begun.js';
import { type Move, movedPath, moveOf } from './move.js';
import { placesIn, renaming } from './names.js';
import { pinned } from './pinned.js';
import { retiredAfter } from './plan.js';
import { differences } from './same.js';
import { movedScopes } from './scopes.js';
import { movedSteps } from './steps.js';

/** The run as the other version says: each step that it has begun at its new place, everything else as it was. */
function migrated(before: RunState, data: DataOf<'run.migrated'>): RunState {
  // Nothing but what the language has compiled is written there.
  const target = internWorkflow(data.compiled as CompiledWorkflow);
  const rename = renaming(data.map);
  const places = placesIn(before.origin.compiled, target, rename);
  const move = moveOf(before, target, places);
  const { compiled } = before.origin;
  const isUnchanged = (step: StepIndex): boolean => {
    const [one, other] = [compiled.steps[step], target.steps[places[step] ?? -1]];
    return one !== undefined && one.id === other?.id && differences(one, other, rename).length === 0;
  };
  const unchanged = new Set(workflowIndexOf(compiled).all.filter(isUnchanged));
  const isLeft = ({ owner }: CallState): boolean =>
    (owner.kind === 'step' || owner.kind === 'agent') && unchanged.has(move.outermost(owner.step));
  const { workflow, deadline, by, reason, from } = data;
  const at = { from: from.version, to: workflow.version, by: by.sub, reason, at: before.time };
  const retired = retiredAfter(before, places, target, begunSteps(before));
  const { calls, ...ways } = pinned(before, isLeft);
  const moved: RunState = {
    ...before,
    ...ways,
    origin: { ...before.origin, workflow, compiled: target, deadline },
    steps: movedSteps(before, target, places, move),
    scopes: movedScopes(before, target, move),
    calls: mapped(calls, (call) => movedCall(call, move)),
    approvals: mapped(before.approvals, (approval) => movedApproval(approval, move)),
    writes: mapped(before.writes, (write) =>
      'step' in write ? { ...write, step: movedPath(write.step, rename) } : write,
    ),
    active: before.active.map(move.step),
    openPlans: before.openPlans.map(move.step),
    pivot: before.pivot === null ? null : movedPath(before.pivot, rename),
    migrations: [...(before.migrations ?? []), at],
    ...(retired.length === 0 ? {} : { retired }),
    ...(flowOf(compiled).mayAct && !flowOf(target).mayAct ? { hadModels: true } : {}),
  };
  return counted(
    shapedBy(moved, by.sub),
    before.ready.filter((step) => step >= compiled.steps.length).map(move.step),
  );
}

/** Whoever chose the version has shaped all that it is still to say. */
function shapedBy(state: RunState, by: string): RunState {
  const open = workflowIndexOf(state.origin.compiled).all.filter((step) => !isClosed(stepAt(state, step)));
  return open.reduce((known, step) => shapeStep(known, step, by), state);
}

/** What stands in it, each in its place. */
function mapped<T, Of extends number>(tree: Tree<T, Of>, change: (item: T) => T): Tree<T, Of> {
  let next = tree;
  for (const index of indicesOf(tree)) {
    const item = getItem(tree, index);
    const changed = item === undefined ? undefined : change(item);
    if (changed !== undefined && changed !== item) next = setItem(next, index, changed);
  }
  return next;
}

const movedCall = (call: CallState, move: Move): CallState => {
  const owner = movedOwner(call.owner, move);
  return owner === call.owner ? call : { ...call, owner };
};

function movedOwner(owner: Owner, { step }: Move): Owner {
  switch (owner.kind) {
    case 'step':
    case 'agent':
      return { ...owner, step: step(owner.step) };
    case 'past':
      return { ...owner, under: step(owner.under) };
    case 'compensation':
    case 'verification':
      return owner;
  }
}

function movedApproval(approval: Approval, { step }: Move): Approval {
  const { subject } = approval;
  if (subject.kind === 'call') return approval;
  return { ...approval, subject: { ...subject, step: step(subject.step) } };
}

/** Which steps of the workflow itself may start, and how many are closed, worked out from what they are now. */
function counted(state: RunState, inTurns: readonly StepIndex[]): RunState {
  const { all } = workflowIndexOf(state.origin.compiled);
  const closed = all.filter((step) => isClosed(stepAt(state, step))).length;
  return { ...state, closed, ready: [...all.filter((step) => mayStart(state, step)), ...inTurns] };
}

export const migrationEvents: EvolveBy<'run.migrated'> = { 'run.migrated': migrated };
