import { hashOf, judgedRequestOf, type PolicyEvent, type RunEvent, stepNameOf } from '@interlock/contracts';
import { stepsOfCompiled } from './compiled.steps.js';
import { isLater, type Logged, type Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I4 for models: a call that a model proposed is requested only at the level `assisted`, only when this very call (tool, arguments,
 * occurrence) stands in a recorded proposal that policy, in its own topic, has allowed to be asked for and to be acted on, and only with a
 * tool that `agent.started` lists. Whoever allows a write asks for people, of the roles that the step names; of a read where the step says
 * so. An agent step requests nothing else.
 */
export const onlyProposed: Invariant = (reading) =>
  [...reading.runs].flatMap(([run, events]) => proposedCalls(reading, run, events));

type Event<Type extends RunEvent['type']> = Extract<Logged<RunEvent>, { type: Type }>;
type Proposer = NonNullable<Event<'call.requested'>['data']['agent']>;

/** What a run has said about its agents so far. */
class Proposals {
  /** Agent steps for whose reads people are asked. */
  asksForReads: ReadonlySet<string> = new Set();
  readonly started = new Map<string, Event<'agent.started'>>();
  readonly requested = new Map<string, Event<'plan.requested'>>();
  readonly recorded = new Map<string, Event<'plan.recorded'>>();

  take(event: Logged<RunEvent>): void {
    if (event.type === 'run.started' || event.type === 'run.migrated')
      this.asksForReads = askingForReads(event.data.compiled);
    if (event.type === 'agent.started') this.started.set(event.data.step, event);
    if (event.type === 'plan.requested') this.requested.set(event.meta.id, event);
    if (event.type === 'plan.recorded') this.recorded.set(event.data.planId, event);
  }
}

function askingForReads(compiled: unknown): ReadonlySet<string> {
  const asked = [...stepsOfCompiled(compiled)].filter(
    ([, step]) => step.kind === 'agent' && step.agent.reads === 'asked',
  );
  return new Set(asked.map(([name]) => name));
}

function proposedCalls(reading: Reading, run: string, events: readonly Logged<RunEvent>[]): Violation[] {
  const proposals = new Proposals();
  const violations: Violation[] = [];
  for (const event of events) {
    proposals.take(event);
    const problem =
      event.type === 'call.requested'
        ? problemOf(reading, event, proposals)
        : event.type === 'plan.recorded' && event.data.asks && event.data.purpose === 'shadow'
          ? 'asks whether to act on a plan in shadow'
          : undefined;
    if (problem === undefined) continue;
    violations.push({ invariant: 'I4', run, message: `${event.type} ${event.meta.id}: ${problem}` });
  }
  return violations;
}

function problemOf(
  reading: Reading,
  callRequest: Event<'call.requested'>,
  proposals: Proposals,
): string | undefined {
  const { agent, step, purpose } = callRequest.data;
  const started = proposals.started.get(step);
  if (agent === undefined)
    return started !== undefined && purpose === 'step'
      ? 'a call of an agent that nobody proposed'
      : undefined;
  if (purpose !== 'step') return `proposed by a model to ${purpose}`;
  if (started?.data.level !== 'assisted' || agent.level !== 'assisted')
    return `a model acts at the level ${started?.data.level ?? 'of no agent'}`;
  const isListed = started.data.tools.some(
    ({ name, toolHash }) => name === callRequest.data.tool && toolHash === callRequest.data.toolHash,
  );
  if (!isListed) return `${callRequest.data.tool} is not on the list of the step`;
  const takesPeople = callRequest.data.effect === 'write' || proposals.asksForReads.has(stepNameOf(step));
  return (
    notProposed(reading, callRequest, agent, proposals) ??
    (takesPeople ? notForPeople(reading, callRequest, agent) : undefined)
  );
}

function notProposed(
  { verdictsByCheck }: Reading,
  { data, landedAt }: Event<'call.requested'>,
  { planId, index, model, confidence }: Proposer,
  { requested, recorded }: Proposals,
): string | undefined {
  const asked = requested.get(planId);
  const plan = recorded.get(planId);
  if (asked === undefined || asked.data.step !== data.step) return `${planId} was never asked for`;
  if (asked.data.purpose === 'shadow') return 'what a model plans in shadow is carried out';
  if (plan?.data.outcome.kind !== 'proposed') return `${planId} has proposed nothing`;
  const { proposal } = plan.data.outcome;
  const call = proposal.calls[index];
  if (call === undefined || hashOf(call) !== hashOf(callIn(data))) return 'not the call that was proposed';
  if (plan.data.model !== model || proposal.confidence !== confidence)
    return 'model or confidence are not those of the proposal';
  const allows = (checkId: string, point: 'before' | 'after') =>
    verdictsByCheck
      .get(checkId)
      ?.some((said) => isAllow(said.data, planId, point) && !isLater(said.landedAt, landedAt)) === true;
  if (!allows(planId, 'before')) return `nobody allowed to ask for ${planId}`;
  return allows(plan.meta.id, 'after') ? undefined : `nobody allowed to act on ${planId}`;
}

const callIn = ({ tool, arguments: given, occurrence }: Event<'call.requested'>['data']) => ({
  tool,
  arguments: given,
  occurrence,
});

const isAllow = (said: PolicyEvent['data'], planId: string, point: 'before' | 'after'): boolean =>
  said.mode === 'enforce' &&
  said.verdict === 'allow' &&
  said.approval === undefined &&
  said.point === point &&
  judgedRequestOf(said) === planId;

function notForPeople(
  { verdictsByCheck }: Reading,
  { meta }: Event<'call.requested'>,
  { approvers }: Proposer,
): string | undefined {
  const said = (verdictsByCheck.get(meta.id) ?? []).filter(
    ({ data }) => data.mode === 'enforce' && data.verdict === 'allow',
  );
  if (said.some(({ data }) => data.approval === undefined)) return 'allowed without any person';
  const roles = said.flatMap(({ data }) => [
    ...(data.approval?.approvers ?? []),
    ...(data.approval?.escalateTo ?? []),
  ]);
  const other = roles.find((role) => !approvers.includes(role));
  return other === undefined ? undefined : `${other} may approve it, and the step does not say so`;
}
