import { AgentStarted, type AutonomyLevel } from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import type { AgentSettings } from '../options.js';
import { decideByBaseline } from './decide.js';
import { requestPlan } from './plans.js';

const levels: readonly AutonomyLevel[] = ['baseline', 'shadow', 'assisted'];

/**
 * Records which level acts and why, and starts with it. At `assisted` the planner is asked in the same decision, once
 * everything else that may start has.
 */
export function startAgent(draft: DecisionDraft, step: StepIndex): undefined {
  const { id, agent } = draft.definitionOf(step, 'agent');
  const { agents } = draft.settings;
  const [level, why] = levelOf(agents, agent.levelMax);
  const asked = level === 'baseline' ? {} : { model: agents.model!, promptHash: agent.prompt.hash };
  const tools = agent.tools.map(({ tool: name, version, toolHash }) => ({ name, version, toolHash }));
  draft.emit(AgentStarted({ step: id, level, why, ...asked, tools }));
  if (level === 'assisted') return;
  decideByBaseline(draft, step);
  if (level === 'shadow' && draft.step(step).at.status === 'completed') requestPlan(draft, step, 'shadow');
}

function levelOf({ level, model }: AgentSettings, levelMax: AutonomyLevel): readonly [AutonomyLevel, string] {
  if (model === undefined) return ['baseline', 'no model is configured'];
  if (levels.indexOf(levelMax) < levels.indexOf(level)) return [levelMax, `the workflow allows no more`];
  return [level, `INTERLOCK_AUTONOMY is ${level}`];
}
