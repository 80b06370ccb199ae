import {
  type MessageOf,
  PlanFailed,
  PlanProposed,
  type PlanRequested,
  type Proposal,
  planEvents,
} from '@interlock/contracts';
import type { Path } from '@interlock/language';
import type { CasePlan } from '../case/answer.schema.js';
import type { CoreBus } from '../cores/core.bus.js';
import { CaseStopped } from './case.problem.js';
import type { Family } from './family.js';
import { LogReader } from './log.reader.js';
import { failureOf } from './outcomes.js';
import type { Script } from './script.js';

type RequestedPlan = MessageOf<typeof PlanRequested>['data'];

/** The planner of a case: once policy lets a request out, it answers what the case says. */
export class ScriptedPlanner {
  readonly #run;
  readonly #policy;
  readonly #open = new Map<string, { readonly run: string; readonly plan: RequestedPlan }>();

  constructor(
    private readonly bus: CoreBus,
    private readonly script: Script<CasePlan & { readonly tool?: undefined; readonly arguments?: undefined }>,
    private readonly at: Path,
    private readonly family: Family,
  ) {
    this.#run = new LogReader(bus, 'run.events');
    this.#policy = new LogReader(bus, 'policy.events');
  }

  /** @throws {CaseStopped} a model is asked, and nothing is left that it could answer */
  hear(): void {
    for (const { type, data, meta } of this.#run.next())
      if (type === 'plan.requested') this.#open.set(meta.id, { run: meta.run ?? this.bus.runId, plan: data });
    for (const { type, data } of this.#policy.next()) {
      if (type !== 'policy.decided') continue;
      const requested = this.#open.get(data.checkId);
      this.#open.delete(data.checkId);
      if (requested !== undefined && data.verdict === 'allow')
        this.#answer(data.checkId, requested.run, requested.plan);
    }
  }

  #answer(planId: string, run: string, { step: own, model, round }: RequestedPlan): void {
    const step = this.family.pathOf(run, own);
    const entry = this.script.use({ step, tool: '', arguments: {} });
    if (entry === undefined)
      throw new CaseStopped(
        [...this.at, 'plans'],
        `${step} asks its model (round ${round}), and no answer is left under plans: add {step: ${step}, output: ...}`,
      );
    const { said } = entry;
    const about = { planId, model, tookMs: 0, usage: { inputTokens: 0, outputTokens: 0 }, costUsd: 0 };
    const answer =
      'failure' in said
        ? PlanFailed({ ...about, failure: failureOf(said.failure), called: true })
        : PlanProposed({ ...about, proposal: proposalOf(said) });
    this.bus.say(planEvents.name, answer, { run });
  }
}

function proposalOf(said: Exclude<CasePlan, { failure: unknown }>): Proposal {
  const { calls = [] } = 'calls' in said ? said : {};
  const given = 'question' in said ? { question: said.question } : { output: said.output };
  return {
    calls: calls.map(({ tool, arguments: given, occurrence = 1 }) => ({
      tool,
      arguments: given ?? {},
      occurrence,
    })),
    confidence: said.confidence ?? 1,
    reasoning: '',
    alternatives: [],
    evidence: [],
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}
