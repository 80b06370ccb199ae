import type { CompiledStep } from '@interlock/language';
import { agentKind } from '../agent/kind.js';
import type { StepIndex } from '../indices.js';
import { stepIn } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { approvalKind } from './approval/kind.js';
import { bodyEvents } from './body/evolve.js';
import type { Turns } from './body/work.js';
import { decideKind } from './decide/kind.js';
import { forEachKind } from './forEach/kind.js';
import { formEvents } from './form/evolve.js';
import { formKind } from './form/kind.js';
import type { StepKind } from './kind.js';
import { repeatKind } from './repeat/kind.js';
import { switchKind } from './switch/kind.js';
import { toolKind } from './tool/kind.js';
import { waitEvents } from './wait/evolve.js';
import { waitKind } from './wait/kind.js';
import { childEvents } from './workflow/evolve.js';
import { workflowKind } from './workflow/kind.js';

/** A new kind of step is one folder and one line here. */
const kinds: Readonly<Record<CompiledStep['kind'], StepKind>> = {
  tool: toolKind,
  decide: decideKind,
  wait: waitKind,
  approval: approvalKind,
  form: formKind,
  agent: agentKind,
  workflow: workflowKind,
  forEach: forEachKind,
  repeat: repeatKind,
  switch: switchKind,
};

/** What the events that only one kind knows do. */
export const kindEvents = { ...waitEvents, ...formEvents, ...bodyEvents, ...childEvents };

export const everyKind: readonly StepKind[] = Object.values(kinds);

export const kindNamed = (kind: CompiledStep['kind']): StepKind => kinds[kind];

/** @throws steps of its kind have no body */
export function turnsOf(state: RunState, step: StepIndex): Turns {
  const { turns } = kindAt(state, step);
  if (turns === undefined) throw new Error(`step ${stepIn(state, step).definition.id} has no body`);
  return turns;
}

export const kindAt = (state: RunState, step: StepIndex): StepKind =>
  kindNamed(stepIn(state, step).definition.kind);
