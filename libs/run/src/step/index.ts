import type { CompiledStep } from '@interlock/language';
import { agentKind } from '../agent/kind.js';
import type { StepIndex } from '../indices.js';
import { stepIn } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { approvalKind } from './approval/kind.js';
import { decideKind } from './decide/kind.js';
import type { StepKind } from './kind.js';
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
  agent: agentKind,
  workflow: workflowKind,
};

/** What the events that only one kind knows do. */
export const kindEvents = { ...waitEvents, ...childEvents };

export const everyKind: readonly StepKind[] = Object.values(kinds);

export const kindNamed = (kind: CompiledStep['kind']): StepKind => kinds[kind];

export const kindAt = ({ origin }: RunState, step: StepIndex): StepKind =>
  kindNamed(stepIn(origin.compiled, step).definition.kind);
