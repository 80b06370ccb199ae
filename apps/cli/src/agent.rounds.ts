import {
  type AgentFellBack,
  type AgentObserved,
  type AgentStarted,
  type CallRecorded,
  type CallRequested,
  type MessageOf,
  type Observation,
  type PlanRecorded,
  type PlanRequested,
  type QuestionAnswered,
  reasonOf,
  type VerdictRecorded,
} from '@interlock/contracts';
import type { RunEvent } from '@interlock/contracts/http';

type DataOf<Definition> = MessageOf<Definition> extends { data: infer Data } ? Data : never;
export type Recorded = DataOf<typeof PlanRecorded>;

/** What policy said about one thing in a round. */
export interface RoundVerdict {
  /** `the request`, `the proposal`, or the tool of a call. */
  readonly about: string;
  /** `allow`, `deny`, or `asks <roles>`. */
  readonly verdict: string;
  readonly policies: readonly string[];
  readonly reason: string;
}

/** One request to a model, what it proposed, what policy said and what was done. */
export interface AgentRound {
  readonly round: number;
  readonly attempt: number;
  readonly purpose: 'act' | 'reflect' | 'shadow';
  readonly model: string;
  /** Absent: nobody has answered yet. */
  readonly recorded?: Recorded;
  readonly verdicts: readonly RoundVerdict[];
  readonly observed: readonly Observation[];
  /** What came of its question. */
  readonly heard?: string;
}

/** An agent step as its events tell it. */
export interface AgentHistory {
  readonly step: string;
  readonly level: string;
  readonly why: string;
  readonly model?: string;
  readonly rounds: readonly AgentRound[];
  /** Why the model does not act any more. */
  readonly fellBack?: string;
  /** Who gave the output: `agent`, `baseline`, or another; absent while the step goes on or when it has failed. */
  readonly via?: string;
}

/** Every agent step that has begun, in the order in which they began. */
export function agentsOf(events: readonly RunEvent[]): AgentHistory[] {
  const agents = new Map<string, AgentHistory>();
  const abouts = new Map<string, string>();
  for (const event of events) {
    const { type, data } = event;
    if (type === 'agent.started') {
      const { step, level, why, model } = data as DataOf<typeof AgentStarted>;
      const rounds = agents.get(step)?.rounds ?? [];
      agents.set(step, { step, level, why, rounds, ...(model !== undefined && { model }) });
      continue;
    }
    const agent = agents.get(String(data.step));
    if (agent === undefined) continue;
    rememberAbout(event, abouts);
    agents.set(agent.step, withEvent(agent, event, abouts));
  }
  return [...agents.values()];
}

/** Checks are named by the event that asks; in a run that is `<runId>/<seq>`, or the check's own. */
function rememberAbout({ type, seq, data }: RunEvent, abouts: Map<string, string>): void {
  if (type === 'plan.requested') abouts.set(String(seq), 'the request');
  if (type === 'plan.recorded') abouts.set(String(seq), 'the proposal');
  if (type === 'call.requested') abouts.set(String(seq), (data as DataOf<typeof CallRequested>).tool);
  if (type === 'call.recorded' || type === 'call.late_recorded') {
    const { check } = data as DataOf<typeof CallRecorded>;
    if (check !== undefined) abouts.set(String(seq), `what ${check.tool} gave`);
  }
}

const seqIn = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

function withEvent(
  agent: AgentHistory,
  { type, data }: RunEvent,
  abouts: ReadonlyMap<string, string>,
): AgentHistory {
  switch (type) {
    case 'plan.requested': {
      const { round, attempt, purpose, model } = data as DataOf<typeof PlanRequested>;
      const next = { round, attempt, purpose, model, verdicts: [], observed: [] };
      return { ...agent, rounds: [...agent.rounds, next] };
    }
    case 'plan.recorded':
      return changed(agent, () => ({ recorded: data as Recorded }));
    case 'verdict.recorded': {
      const verdict = data as DataOf<typeof VerdictRecorded>;
      const about = abouts.get(seqIn(verdict.checkId)) ?? verdict.point;
      return changed(agent, ({ verdicts }) => ({
        verdicts: [...verdicts, verdictOf(about, verdict)],
      }));
    }
    case 'agent.observed': {
      const { observation } = data as DataOf<typeof AgentObserved>;
      return changed(agent, ({ observed }) => ({ observed: [...observed, observation] }));
    }
    case 'question.answered': {
      const { by, text } = data as DataOf<typeof QuestionAnswered>;
      return changed(agent, () => ({ heard: `${by.sub}: ${text}` }));
    }
    case 'question.unanswered':
      return changed(agent, () => ({ heard: 'nobody answered in time' }));
    case 'agent.fell_back': {
      const { code, message } = (data as DataOf<typeof AgentFellBack>).failure;
      return { ...agent, fellBack: `${code}: ${message}` };
    }
    case 'step.completed':
      return { ...agent, via: String(data.via) };
    default:
      return agent;
  }
}

function verdictOf(about: string, said: DataOf<typeof VerdictRecorded>): RoundVerdict {
  const { verdict, approval, policies } = said;
  const asked = approval === undefined ? verdict : `asks ${approval.approvers.join(' or ')}`;
  return { about, verdict: asked, policies, reason: reasonOf(said) };
}

/** With the newest round changed. */
function changed(agent: AgentHistory, change: (round: AgentRound) => Partial<AgentRound>): AgentHistory {
  const last = agent.rounds.at(-1);
  if (last === undefined) return agent;
  return { ...agent, rounds: [...agent.rounds.slice(0, -1), { ...last, ...change(last) }] };
}
