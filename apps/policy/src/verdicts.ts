import { callHashOf, hashedCallOf } from '@interlock/contracts';
import { type Confirmation, isApproved } from './approval-answer.js';
import { Asking, type Subject, type Verdict } from './asking.js';
import { floorOf, refusedLevel } from './autonomy.js';
import { PlanVerdicts } from './plan.verdicts.js';
import type { PublishedArtifacts, PublishedTool } from './published-tools.js';
import {
  type ArmedCall,
  questionAfter,
  questionBefore,
  type RequestedCheck,
  unjudgeable,
} from './questions.js';
import type { RecordedOutput } from './recorded-output.js';

export { NO_BUNDLE, type Verdict } from './asking.js';

export interface BeforeCheck {
  readonly checkId: string;
  readonly runId: string;
  readonly call: ArmedCall;
  /** What the approval service said of this arming; then policy is asked a second time. */
  readonly confirmation?: Confirmation | undefined;
}

export interface AfterCheck {
  readonly checkId: string;
  readonly check: RequestedCheck;
  /** What the same decision of the run recorded for this arming; undefined when there was nothing. */
  readonly recorded: RecordedOutput | undefined;
}

/** Answers checks from the published artifacts. Fails closed: whatever is missing or does not match is a deny. */
export class Verdicts {
  /** About models. */
  readonly plans: PlanVerdicts;
  readonly #asking: Asking;

  constructor(artifacts: PublishedArtifacts) {
    this.#asking = new Asking(artifacts);
    this.plans = new PlanVerdicts(this.#asking);
  }

  /** Whether everything needed to judge calls of this tool has been read. If not, it may be on its way. */
  canJudge(toolHash: string): boolean {
    return this.#asking.bundle() !== undefined && this.#asking.tools.byHash(toolHash) !== undefined;
  }

  before({ checkId, runId, call, confirmation }: BeforeCheck): Verdict {
    const callHash = callHashOf(hashedCallOf(runId, call));
    const subject: Subject = { checkId, point: 'before', armId: checkId, callHash };
    const tool = this.#asking.tools.byHash(call.toolHash);
    const mismatch =
      callHash === call.callHash
        ? (mismatchOf(call, tool) ?? unjudgeable(call.arguments) ?? refusedLevel(call))
        : `the call names the hash ${call.callHash}, but its arguments have another`;
    if (tool === undefined || mismatch !== undefined) return this.#unasked(subject, mismatch, call);
    const approved = isApproved(call, callHash, confirmation);
    if (call.approvalId !== undefined && !approved) {
      // Any other answer would leave the run waiting: executors make no call on an approval that is not confirmed.
      return this.#unasked(
        subject,
        `approval ${call.approvalId} is not confirmed for exactly this call`,
        call,
      );
    }
    return this.#asking.asked(subject, () => questionBefore(call, tool, approved), call, floorOf(call));
  }

  after({ checkId, check, recorded }: AfterCheck): Verdict {
    const { armId, callHash } = check;
    const subject: Subject = { checkId, point: 'after', armId, callHash: recorded?.callHash ?? callHash };
    const tool = this.#asking.tools.byHash(check.toolHash);
    const given = { check, recorded: recorded?.callHash };
    if (recorded === undefined) return this.#unasked(subject, 'no output was recorded', given);
    const { output } = recorded;
    const mismatch =
      recorded.callHash === callHash ? mismatchOf(check, tool) : `the output belongs to ${recorded.callHash}`;
    if (tool === undefined || mismatch !== undefined) return this.#unasked(subject, mismatch, given);
    return this.#asking.asked(
      subject,
      (bundle) => questionAfter(check, tool, output, this.#asking.findingsIn(output, bundle)),
      given,
    );
  }

  #unasked(subject: Subject, reason: string | undefined, given: unknown): Verdict {
    return this.#asking.unasked(subject, reason ?? 'the tool is not known', given);
  }
}

/** Where the call and the manifest it names disagree. */
function mismatchOf(
  call: Pick<ArmedCall, 'tool'> & Partial<ArmedCall>,
  tool: PublishedTool | undefined,
): string | undefined {
  if (tool === undefined) return `no published tool has the hash it names for ${call.tool}`;
  const { name, version, effect } = tool.manifest;
  if (call.tool !== name) return `the call names the tool ${call.tool}, its hash the tool ${name}`;
  if ((call.toolVersion ?? version) !== version)
    return `version ${call.toolVersion} is not the tool's ${version}`;
  if ((call.effect ?? effect) !== effect) return `the call says ${call.effect}, the tool is a ${effect}`;
  return undefined;
}
