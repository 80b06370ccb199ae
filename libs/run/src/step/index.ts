import { startAgent } from '../agent/start.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { startApproval } from './approval/start.js';
import { startDecide } from './decide/start.js';
import { startTool } from './tool/start.js';
import { startWait } from './wait/start.js';

/** Starts a step. A new kind is one folder and one line here. */
export function startKind(draft: DecisionDraft, step: StepIndex): undefined {
  const definition = draft.definition(step);
  switch (definition.kind) {
    case 'tool':
      return startTool(draft, step, definition);
    case 'decide':
      return startDecide(draft, step, definition);
    case 'wait':
      return startWait(draft, step, definition);
    case 'approval':
      return startApproval(draft, step, definition);
    case 'agent':
      return startAgent(draft, step, definition);
  }
}
