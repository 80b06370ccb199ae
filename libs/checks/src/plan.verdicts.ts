import { planHashOf } from '@interlock/contracts';
import type { Asking, Subject, Verdict } from './asking.js';
import { influenceBehind, UNPUBLISHED } from './call-influence.js';
import type { FollowedRun } from './followed-run.js';
import {
  modelInputIn,
  proposedIn,
  questionOfPlan,
  questionOfProposal,
  type RecordedPlan,
  type RequestedPlan,
} from './plan.questions.js';

/** Answers what runs ask about models. Fails closed, as the verdicts on calls do. */
export class PlanVerdicts {
  constructor(private readonly asking: Asking) {}

  /** Whether everything needed to judge this request has been read. If not, it may be on its way. */
  canJudge({ tools }: Pick<RequestedPlan, 'tools'>, run?: FollowedRun): boolean {
    const { bundle, tools: published, workflows } = this.asking;
    if (run !== undefined && workflows.byHash(run.workflow) === undefined) return false;
    return bundle() !== undefined && tools.every(({ toolHash }) => published.byHash(toolHash) !== undefined);
  }

  /** May this model be asked this? */
  before(planId: string, plan: RequestedPlan): Verdict {
    const callHash = planHashOf(plan);
    const subject: Subject = { checkId: planId, point: 'before', callHash };
    const mismatch =
      callHash === plan.callHash
        ? this.#mismatchOf(plan)
        : `the request has the hash ${plan.callHash}, but its content has another`;
    if (mismatch !== undefined) return this.asking.unasked(subject, mismatch, plan);
    return this.asking.asked(
      subject,
      (bundle) => questionOfPlan(plan, this.asking.findingsIn(modelInputIn(plan), bundle)),
      plan,
    );
  }

  /** May what it proposed be acted on? */
  after(checkId: string, plan: RecordedPlan, run?: FollowedRun): Verdict {
    const { planId, outcome, step } = plan;
    const subject: Subject = { checkId, point: 'after', planId };
    const given = { checkId, planId, kind: outcome.kind };
    if (outcome.kind !== 'proposed') return this.asking.unasked(subject, 'nothing was proposed', given);
    const influence = influenceBehind(step, run, this.asking.workflows);
    if (influence === undefined) return this.asking.unasked(subject, UNPUBLISHED, given);
    const { ledBy } = influence;
    return this.asking.asked(
      subject,
      (bundle) =>
        questionOfProposal(plan, outcome.proposal, this.asking.findingsIn(proposedIn(plan), bundle), ledBy),
      given,
    );
  }

  /** Policies see names of tools, so each must be the name of what is pinned. */
  #mismatchOf({ tools }: RequestedPlan): string | undefined {
    for (const { name, version, toolHash } of tools) {
      const manifest = this.asking.tools.byHash(toolHash)?.manifest;
      if (manifest === undefined) return `no published tool has the hash that it gives for ${name}`;
      if (manifest.name !== name || manifest.version !== version)
        return `it lists ${name}@${version}, its hash is that of ${manifest.name}@${manifest.version}`;
    }
    return undefined;
  }
}
