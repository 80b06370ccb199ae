import {
  type Influence,
  type InfluenceFact,
  type InheritedInfluence,
  type RunEvent,
  stepNameOf,
} from '@interlock/contracts';

/** What a run remembers of its models and of what people approved. Plain JSON; empty where no model has acted. */
export interface InfluenceFacts {
  /** Models of the runs above: they led to all that this run does. Absent: none. */
  readonly inherited?: readonly InheritedInfluence[];
  /** Agent steps for which a model was asked. `used`: something it proposed was performed, or became the output. */
  readonly agents: readonly AgentFact[];
  /** Calls under way that people approved. */
  readonly approved: readonly ApprovedCall[];
  /** Steps whose result people approved. */
  readonly endorsed: readonly string[];
  readonly fellBack: readonly Fall[];
}

/** With `child`: a model of the run that this step started; its own step stands behind that. */
export type AgentFact = Influence & { readonly used: boolean; readonly child?: string };

interface ApprovedCall {
  readonly step: string;
  readonly callHash: string;
  /** Ids of its requests. */
  readonly requests: readonly string[];
}

interface Fall {
  readonly step: string;
  readonly to?: string;
  /** Agent steps that may have used up the budget that it needed. */
  readonly spenders: readonly string[];
}

export const noFacts: InfluenceFacts = { agents: [], approved: [], endorsed: [], fellBack: [] };

/** Facts that lead to these, for whoever has forgotten them; what is inherited is said beside them. */
export function factsOf({ agents, approved, endorsed, fellBack }: InfluenceFacts): InfluenceFact[] {
  const own = agents.filter(({ child }) => child === undefined);
  const lent = Map.groupBy(
    agents.filter(({ child }) => child !== undefined),
    ({ child = '' }) => child,
  );
  return [
    ...own.map(({ step, level, model, plan }) => ({ kind: 'asked', step, level, model, plan }) as const),
    ...own.filter(({ used }) => used).map(({ step }) => ({ kind: 'used', step }) as const),
    ...[...lent].map(
      ([step, marks]) => ({ kind: 'lent', step, by: marks.map((mark) => markOf(mark, step)) }) as const,
    ),
    ...fellBack.map((fell): InfluenceFact => ({ ...fell, kind: 'fell_back', spenders: [...fell.spenders] })),
    ...approved.flatMap(({ step, callHash, requests }) =>
      requests.map((requestId) => ({ kind: 'requested', step, approved: { callHash, requestId } }) as const),
    ),
    ...endorsed.map((step) => ({ kind: 'endorsed', step }) as const),
  ];
}

const markOf = ({ step, level, model, plan }: Influence, child: string): Influence => ({
  step: step.slice(child.length + 1),
  level,
  model,
  plan,
});

/** What a run begins with. */
export const factsFrom = (inherited: readonly InheritedInfluence[] = []): InfluenceFacts =>
  inherited.length === 0 ? noFacts : { ...noFacts, inherited };

/** The facts with one more; the same object if it is not new. */
export function withFact(facts: InfluenceFacts, fact: InfluenceFact): InfluenceFacts {
  const { agents, approved, endorsed, fellBack } = facts;
  if (isInLoop(fact.step) && (fact.kind === 'requested' || fact.kind === 'endorsed')) return facts;
  switch (fact.kind) {
    case 'asked': {
      const { step, level, model, plan } = fact;
      const used = agents.some((agent) => isSame(agent.step, step) && agent.used);
      return { ...facts, agents: [...without(agents, step), { step, level, model, plan, used }] };
    }
    case 'used': {
      const agent = agents.find(({ step }) => isSame(step, fact.step));
      if (agent === undefined || agent.used) return facts;
      return { ...facts, agents: [...without(agents, fact.step), { ...agent, used: true }] };
    }
    case 'requested': {
      const { step } = fact;
      const others = without(approved, step);
      return {
        ...facts,
        approved:
          fact.approved === undefined ? others : [...others, requestedAgain(approved, step, fact.approved)],
        endorsed: endorsed.filter((one) => one !== step),
      };
    }
    case 'endorsed':
      return {
        ...facts,
        approved: without(approved, fact.step),
        endorsed: [...endorsed.filter((one) => one !== fact.step), fact.step],
      };
    case 'lent': {
      const lent = fact.by.map((mark) => ({
        ...mark,
        step: `${fact.step}/${mark.step}`,
        used: true,
        child: fact.step,
      }));
      const isNew = (step: string): boolean => !lent.some((mark) => isSame(mark.step, step));
      // What one turn of a loop lends counts for the others.
      const kept = agents.filter(({ child, step }) =>
        isInLoop(fact.step) ? isNew(step) : child !== fact.step,
      );
      return { ...facts, agents: [...kept, ...lent] };
    }
    case 'fell_back': {
      const { kind: _, ...said } = fact;
      const fell = isInLoop(fact.step) ? withEarlierSpenders(said, fellBack) : said;
      return {
        ...facts,
        endorsed: endorsed.filter((one) => one !== fact.step),
        fellBack: [...without(fellBack, fact.step), fell],
      };
    }
  }
}

/** In a loop it may have failed before, in another turn and for want of something else. */
function withEarlierSpenders(fell: Fall, fellBack: readonly Fall[]): Fall {
  const earlier = fellBack.find(({ step }) => isSame(step, fell.step))?.spenders ?? [];
  return { ...fell, spenders: [...new Set([...earlier, ...fell.spenders])] };
}

function requestedAgain(
  approved: readonly ApprovedCall[],
  step: string,
  { callHash, requestId }: { readonly callHash: string; readonly requestId: string },
): ApprovedCall {
  const earlier = approved.find((call) => call.step === step && call.callHash === callHash);
  return { step, callHash, requests: [...(earlier?.requests ?? []), requestId] };
}

/** All turns of a loop count as one, so there is one fact for each step of the workflow at most. */
const isSame = (a: string, b: string): boolean => a === b || stepNameOf(a) === stepNameOf(b);

/** What people approve in one turn of a loop says nothing about the others. */
const isInLoop = (step: string): boolean => stepNameOf(step) !== step;

const without = <Item extends { readonly step: string }>(items: readonly Item[], step: string): Item[] =>
  items.filter((item) => !isSame(item.step, step));

/**
 * What an event of a run adds. The approval that a request names is taken to be granted. Before any model has been asked there is
 * nothing that an approval could end.
 * @param id of the event
 */
export function factsIn(
  event: RunEvent,
  id: string,
  isAgent: (step: string) => boolean,
  facts: InfluenceFacts,
): readonly InfluenceFact[] {
  switch (event.type) {
    case 'run.reopened': {
      const anew: readonly string[] | undefined = event.data.anew;
      // Nobody has said which steps begin anew, so it may be any.
      return begunAnew((step) => anew === undefined || anew.includes(outermostOf(step)), facts);
    }
    // Of a step that is retried, what stands in it begins anew; its own call is requested again, which says the same.
    case 'step.resumed':
      return begunAnew((step) => step.startsWith(`${event.data.step}/`), facts);
    default:
      return [factIn(event, id, isAgent, facts) ?? []].flat();
  }
}

/** A step that begins anew may come to something else than what people approved: that counts no longer, as if its call were requested again. */
function begunAnew(
  isAnew: (step: string) => boolean,
  { approved, endorsed }: InfluenceFacts,
): InfluenceFact[] {
  const known = new Set([...endorsed, ...approved.map(({ step }) => step)]);
  return [...known].filter(isAnew).map((step) => ({ kind: 'requested', step }));
}

/** The step of the workflow itself in which it stands. */
const outermostOf = (step: string): string => step.split('/', 1)[0] ?? step;

function factIn(
  event: RunEvent,
  id: string,
  isAgent: (step: string) => boolean,
  facts: InfluenceFacts,
): InfluenceFact | undefined {
  const hasAsked = facts.agents.length > 0;
  switch (event.type) {
    case 'plan.recorded': {
      const { purpose, step, level, model, planId: plan, outcome } = event.data;
      const isFirst = !facts.agents.some((agent) => isSame(agent.step, step));
      const counts = purpose !== 'shadow' && (outcome.kind === 'proposed' || isFirst);
      return counts ? { kind: 'asked', step, level, model, plan } : undefined;
    }
    case 'call.requested':
      return hasAsked ? requestedIn(event.data, id, isAgent, facts) : undefined;
    case 'call.recorded': {
      const { step, requestId, outcome } = event.data;
      if (isAgent(step)) return outcome.kind === 'refused' ? undefined : usedBy(step, facts);
      return outcome.kind === 'succeeded' ? endorsedBy(step, isRequestedAs(requestId), facts) : undefined;
    }
    case 'call.late_recorded': {
      const { step, requestId, outcome, effect } = event.data;
      const isAnswer = outcome.ok && effect === 'answers';
      return isAnswer ? endorsedBy(step, isRequestedAs(requestId), facts) : undefined;
    }
    case 'call.doubt_resolved': {
      const { step, callHash, happened } = event.data;
      return happened ? endorsedBy(step, (call) => call.callHash === callHash, facts) : undefined;
    }
    case 'step.completed': {
      const { step, via } = event.data;
      if (via === 'approval') return hasAsked ? { kind: 'endorsed', step } : undefined;
      return via === 'agent' ? usedBy(step, facts) : undefined;
    }
    case 'step.fell_back': {
      const { step, to, failure } = event.data;
      const spenders = failure.class === 'budget_exceeded' ? facts.agents.map((agent) => agent.step) : [];
      return { kind: 'fell_back', step, spenders, ...(to === undefined ? {} : { to }) };
    }
    case 'child.ended': {
      const { step, influencedBy } = event.data;
      return influencedBy === undefined ? undefined : { kind: 'lent', step, by: influencedBy };
    }
    default:
      return undefined;
  }
}

type RequestedCall = Extract<RunEvent, { type: 'call.requested' }>['data'];

/** Calls of agent steps are proposals: what people approve of them ends nothing, since the model goes on. */
function requestedIn(
  { step, purpose, approvalId, callHash }: RequestedCall,
  requestId: string,
  isAgent: (step: string) => boolean,
  { approved, endorsed }: InfluenceFacts,
): InfluenceFact | undefined {
  if (purpose !== 'step' || isAgent(step)) return undefined;
  if (approvalId !== undefined) return { kind: 'requested', step, approved: { callHash, requestId } };
  const isKnown = endorsed.includes(step) || approved.some((call) => call.step === step);
  return isKnown ? { kind: 'requested', step } : undefined;
}

const usedBy = (step: string, { agents }: InfluenceFacts): InfluenceFact | undefined =>
  agents.some((agent) => isSame(agent.step, step) && !agent.used) ? { kind: 'used', step } : undefined;

const endorsedBy = (
  step: string,
  isTheCall: (call: ApprovedCall) => boolean,
  { approved }: InfluenceFacts,
): InfluenceFact | undefined =>
  approved.some((call) => call.step === step && isTheCall(call)) ? { kind: 'endorsed', step } : undefined;

const isRequestedAs =
  (requestId: string) =>
  ({ requests }: ApprovedCall): boolean =>
    requests.includes(requestId);
