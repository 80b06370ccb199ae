import {
  InfluenceFollowed,
  InfluenceForgotten,
  InfluenceLost,
  InfluenceNoted,
  type MessageOf,
  type RunEvent,
  type RunMigrated,
  type RunStarted,
  type RunUndoing,
  stepNameOf,
} from '@interlock/contracts';
import {
  type CompiledWorkflow,
  factsFrom,
  factsIn,
  factsOf,
  type InfluenceFacts,
  noFacts,
  type StepKind,
  stepsByName,
  withFact,
} from '@interlock/language';
import type { CheckEvent, InfluenceEvent, Received } from './check.messages.js';
import type { RequestedCall } from './questions.js';

/*
 * What policy keeps of a run in which a model may act: what it has seen performed, used and approved. From that and from the
 * workflow that the run pins it works out by itself which model influenced which call. A run without an agent step is not kept,
 * unless a child of it may lend it the influence of its models, or a run above has.
 */

export interface FollowedRun {
  /** Hash of its compiled form. */
  readonly workflow: string;
  readonly agents: readonly string[];
  readonly facts: InfluenceFacts;
  /** An event of the run could not be followed. */
  readonly isLost?: true;
}

/** Events of a run that may add a fact; what the checks need besides is in the list of the actor. */
export const factTypes = [
  'run.started',
  'plan.recorded',
  'call.requested',
  'call.recorded',
  'call.late_recorded',
  'call.doubt_resolved',
  'step.completed',
  'step.fell_back',
  'step.resumed',
  'child.ended',
  'run.reopened',
  'run.undoing',
  'run.migrated',
] as const;

const AGENT: `"kind":"${StepKind}"` = '"kind":"agent"';
const CHILD: `"kind":"${StepKind}"` = '"kind":"workflow"';
/** The bytes as hosts write them. A text that only looks like them is parsed, and then says nothing. */
const telling: ReadonlyMap<string, readonly Buffer[]> = new Map([
  ['run.started', [Buffer.from(AGENT), Buffer.from(CHILD), Buffer.from('"inherited":')]],
  ['child.ended', [Buffer.from('"influencedBy":')]],
  ['run.undoing', [Buffer.from('"influence":')]],
  ['step.completed', [Buffer.from('"via":"agent"'), Buffer.from('"via":"approval"')]],
]);

/** Most runs have no agent step, and most steps complete with what their call gave: one look at the bytes says so. */
export function mayTell(type: string, { buffer, byteOffset, byteLength }: Uint8Array): boolean {
  const texts = telling.get(type);
  if (texts === undefined) return true;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  return texts.some((text) => bytes.includes(text));
}

/** A followed run within one decision: what is noted counts at once. */
export class Following {
  readonly events: InfluenceEvent[] = [];

  constructor(private kept: FollowedRun | undefined) {}

  get run(): FollowedRun | undefined {
    return this.kept;
  }

  /** What an event of the run adds. Of a request that names an approval: nothing before policy itself knows it to be granted. */
  take(event: RunEvent, id: string): void {
    if (event.type === 'run.started') this.#follow(event.data);
    else if (event.type === 'run.undoing') this.#followAgain(event.data);
    else if (event.type === 'run.migrated') this.#followMigrated(event.data);
    else if (event.type !== 'call.requested' || event.data.approvalId === undefined) this.#note(event, id);
  }

  approved(call: RequestedCall, requestId: string): void {
    this.#note({ type: 'call.requested', data: call }, requestId);
  }

  forget(because: string): void {
    if (this.kept !== undefined) this.#emit(InfluenceForgotten({ because }));
  }

  /** Models of the runs above are taken from what the run says of its start, as is which workflow it pins. */
  #follow({ workflow, compiled, inherited = [] }: MessageOf<typeof RunStarted>['data']): void {
    const { agents, mayAct } = actingIn(compiled);
    if (mayAct || inherited.length > 0)
      this.#emit(InfluenceFollowed({ workflow: workflow.hash, agents, inherited }));
  }

  /** From here on another version says what depends on what. What has happened has happened; what could not be followed stays lost. */
  #followMigrated({ workflow, compiled }: MessageOf<typeof RunMigrated>['data']): void {
    const { agents, mayAct } = actingIn(compiled);
    if (this.kept?.isLost === true || (this.kept === undefined && !mayAct)) return;
    const { facts } = this.kept ?? { facts: noFacts };
    const inherited = [...(facts.inherited ?? [])];
    this.#emit(InfluenceFollowed({ workflow: workflow.hash, agents, inherited }));
    for (const fact of factsOf(facts)) this.#emit(InfluenceNoted({ fact }));
  }

  /** A run that had ended undoes what it did: what it says of its models is all that is known of them by now. */
  #followAgain({ influence }: MessageOf<typeof RunUndoing>['data']): void {
    if (this.kept !== undefined || influence === undefined) return;
    const { workflow, agents, inherited, facts } = influence;
    this.#emit(InfluenceFollowed({ workflow, agents, inherited }));
    for (const fact of facts) this.#emit(InfluenceNoted({ fact }));
  }

  #note(event: RunEvent, id: string): void {
    if (this.kept === undefined) return;
    const { agents, facts } = this.kept;
    for (const fact of factsIn(event, id, (step) => agents.includes(stepNameOf(step)), facts))
      if (withFact(this.kept.facts, fact) !== this.kept.facts) this.#emit(InfluenceNoted({ fact }));
  }

  #emit(event: InfluenceEvent): void {
    this.events.push(event);
    this.kept = evolveFollowed(this.kept, event);
  }
}

/** The agent steps of a workflow, and whether a model may act in it, or in a child that lends it what it did. */
function actingIn(compiled: unknown): { readonly agents: string[]; readonly mayAct: boolean } {
  const { steps } = compiled as Pick<CompiledWorkflow, 'steps'>;
  const named = [...stepsByName(steps)];
  const agents = named.filter(([, { kind }]) => kind === 'agent').map(([name]) => name);
  const lends = named.some(([, step]) => step.kind === 'workflow' && step.mayAct === true);
  return { agents, mayAct: agents.length > 0 || lends };
}

/** If an event cannot be followed, the worst is assumed: nothing is allowed any more in a run that may have an agent step. */
export function lostOn({ type }: Pick<Received, 'type'>, run: FollowedRun | undefined): InfluenceEvent[] {
  const isFollowed = run !== undefined && run.isLost !== true && mayBeFact(type);
  const tellsOfSteps = type === 'run.started' || type === 'run.migrated';
  return isFollowed || (run === undefined && tellsOfSteps) ? [InfluenceLost({ because: type })] : [];
}

const mayBeFact = (type: string): boolean => factTypes.some((fact) => fact === type);

export function evolveFollowed(run: FollowedRun | undefined, event: CheckEvent): FollowedRun | undefined {
  switch (event.type) {
    case 'influence.followed':
      return {
        workflow: event.data.workflow,
        agents: event.data.agents,
        facts: factsFrom(event.data.inherited),
      };
    case 'influence.lost':
      return { ...(run ?? { workflow: '', agents: [], facts: noFacts }), isLost: true };
    case 'influence.noted':
      return run && { ...run, facts: withFact(run.facts, event.data.fact) };
    case 'influence.forgotten':
      return undefined;
    case 'policy.decided':
      return run;
  }
}
