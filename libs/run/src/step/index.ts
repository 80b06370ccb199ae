import type { CompiledStep } from '@interlock/language';
import { agentKind } from '../agent/kind.js';
import type { StepIndex } from '../indices.js';
import { stepIn } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { approvalKind } from './approval/kind.js';
import { decideKind } from './decide/kind.js';
import type { StepKind } from './kind.js';
import { toolKind } from './tool/kind.js';
import { waitKind } from './wait/kind.js';

/** A new kind of step is one folder and one line here. */
export function kindNamed(kind: CompiledStep['kind']): StepKind {
  switch (kind) {
    case 'tool':
      return toolKind;
    case 'decide':
      return decideKind;
    case 'wait':
      return waitKind;
    case 'approval':
      return approvalKind;
    case 'agent':
      return agentKind;
  }
}

export const kindAt = ({ origin }: RunState, step: StepIndex): StepKind =>
  kindNamed(stepIn(origin.compiled, step).definition.kind);
