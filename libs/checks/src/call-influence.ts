import { type Influence, stepNameOf } from '@interlock/contracts';
import { influenceOn, influenceOnCall } from '@interlock/language';
import type { FollowedRun } from './followed-run.js';
import type { Agent, PublishedWorkflows } from './published-workflows.js';
import type { RequestedCall } from './questions.js';

/** What policy finds of the models behind a call. */
export interface CallInfluence {
  readonly influencedBy: readonly Influence[];
  /** The same without the model of the step itself: whether it runs, and with what, whom it asks included. */
  readonly ledBy: readonly Influence[];
  /** What the agent steps of its workflow say of their models. */
  readonly agents: ReadonlyMap<string, Agent>;
  /** What the step of a mark says, also one of a child or of a run above. */
  agentOf(mark: Influence): Agent | undefined;
}

export const noInfluence: CallInfluence = {
  influencedBy: [],
  ledBy: [],
  agents: new Map(),
  agentOf: () => undefined,
};

/** Undefined: the workflow that the run pins is not published, or not with the agent steps it was started with. */
export function influenceBehind(
  step: string,
  run: FollowedRun | undefined,
  workflows: PublishedWorkflows,
): CallInfluence | undefined {
  if (run === undefined) return noInfluence;
  const workflow = workflows.byHash(run.workflow);
  if (workflow === undefined) return undefined;
  const { flow, agents, agentAt } = workflow;
  const above = new Map((run.facts.inherited ?? []).map((mark) => [mark.plan, mark]));
  const agentOf = ({ step: path, plan }: Influence): Agent | undefined => {
    const inherited = above.get(plan);
    return inherited === undefined ? agentAt(path) : workflows.byHash(inherited.workflow)?.agentAt(path);
  };
  const isTheSame = run.agents.length === agents.size && run.agents.every((id) => agents.has(id));
  if (!isTheSame) return undefined;
  const [influencedBy, ledBy] = [influenceOnCall(flow, run.facts, step), influenceOn(flow, run.facts, step)];
  return { influencedBy, ledBy, agents, agentOf };
}

export const UNPUBLISHED = 'the workflow of its run is not published as it was started';

/** Where the run and policy disagree about the models behind a request. */
export function misstated(
  { influencedBy = [] }: Pick<RequestedCall, 'influencedBy'>,
  influence: CallInfluence | undefined,
): string | undefined {
  if (influence === undefined) return UNPUBLISHED;
  const [said, found] = [stepsIn(influencedBy), stepsIn(influence.influencedBy)];
  return said === found ? undefined : `the run says that ${said} influenced it, policy finds ${found}`;
}

/** A proposal is a call of an agent step, and the other way round. */
export function misproposed(
  { step, purpose, agent }: RequestedCall,
  { agents }: CallInfluence,
): string | undefined {
  if (purpose !== 'step' || agents.size === 0 || agents.has(stepNameOf(step)) === (agent !== undefined))
    return undefined;
  return agent === undefined
    ? `${step} is an agent step, but the call names no proposal`
    : `the call names a proposal, but ${step} is not an agent step`;
}

const stepsIn = (influence: readonly Influence[]): string =>
  influence.length === 0
    ? 'no model'
    : influence.map(({ step, level }) => `the model of ${step} (${level})`).join(' and ');
