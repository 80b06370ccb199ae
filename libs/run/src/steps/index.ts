import type { CompiledStep } from '@interlock/language';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { startAgent } from './agent.step.js';
import { startApproval } from './approval.step.js';
import { startDecide } from './decide.step.js';
import { startTool } from './tool.step.js';
import { startWait } from './wait.step.js';

/** What starting a step of each kind does. A new kind is one file and one line here. */
export const starters: Readonly<Record<CompiledStep['kind'], (emitter: Emitter, place: StepIndex) => void>> =
  {
    tool: startTool,
    decide: startDecide,
    wait: startWait,
    approval: startApproval,
    agent: startAgent,
  };
