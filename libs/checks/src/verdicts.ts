import { callHashOf, hashedCallOf, storedIn } from '@interlock/contracts';
import { type Confirmation, isApproved } from './approval-answer.js';
import { Asking, type Subject, type Verdict } from './asking.js';
import { floorOf, refusedLevel } from './autonomy.js';
import { type CallInfluence, influenceBehind, misproposed, misstated } from './call-influence.js';
import type { FollowedRun } from './followed-run.js';
import { PlanVerdicts } from './plan.verdicts.js';
import type { PublishedArtifacts, PublishedTool, PublishedTools } from './published-tools.js';
import {
  ARGUMENTS_BYTES_MAX,
  questionAfter,
  questionBefore,
  type RequestedCall,
  unjudgeable,
} from './questions.js';
import type { RecordedOutput } from './recorded-output.js';
import type { Whole } from './whole.value.js';

export { NO_BUNDLE, type Verdict } from './asking.js';

export interface BeforeCheck {
  readonly checkId: string;
  readonly runId: string;
  readonly call: RequestedCall;
  /** What it is to be given, wherever that is kept; absent: it stands in the call. */
  readonly given?: Whole;
  /** What the approval service said of this request; then policy is asked a second time. */
  readonly confirmation?: Confirmation | undefined;
  /** What policy keeps of the run; undefined where no model may act. */
  readonly run?: FollowedRun | undefined;
}

export interface AfterCheck {
  readonly checkId: string;
  readonly recorded: RecordedOutput;
  readonly run?: FollowedRun | undefined;
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
  canJudge(toolHash: string, run?: FollowedRun): boolean {
    const { tools, workflows } = this.#asking;
    const isKnown = run === undefined || workflows.byHash(run.workflow) !== undefined;
    return isKnown && this.#asking.bundle() !== undefined && tools.byHash(toolHash) !== undefined;
  }

  before({
    checkId,
    runId,
    call,
    given = { value: call.arguments },
    confirmation,
    run,
  }: BeforeCheck): Verdict {
    const callHash = callHashOf(hashedCallOf(runId, call));
    const tool = this.#asking.tools.byHash(call.toolHash);
    const influence = influenceBehind(call.step, run, this.#asking.workflows);
    const subject: Subject = { checkId, point: 'before', callHash, ...markOf(influence) };
    const mismatch =
      callHash === call.callHash
        ? (mismatchOf(call, tool) ??
          mispurposed(call, this.#asking.tools) ??
          unjudged(call, given) ??
          refusedLevel(call))
        : `the call has the hash ${call.callHash}, but its arguments have another`;
    const problem = mismatch ?? misstated(call, influence) ?? (influence && misproposed(call, influence));
    if (tool === undefined || influence === undefined || problem !== undefined)
      return this.#unasked(subject, problem, call);
    const approved = isApproved(call, callHash, confirmation);
    if (call.approvalId !== undefined && !approved) {
      // Any other answer would leave the run waiting: executors make no call on an approval that is not confirmed.
      return this.#unasked(
        subject,
        `approval ${call.approvalId} is not confirmed for exactly this call`,
        call,
      );
    }
    const question = questionBefore(
      call,
      tool,
      'value' in given ? given.value : {},
      approved,
      influence.influencedBy,
    );
    return this.#asking.asked(subject, () => question, call, floorOf(call, influence));
  }

  after({ checkId, recorded, run }: AfterCheck): Verdict {
    const { requestId, step, check, output } = recorded;
    const influence = influenceBehind(step, run, this.#asking.workflows);
    const subject: Subject = { checkId, point: 'after', requestId, ...markOf(influence) };
    const tool = this.#asking.tools.byHash(check.toolHash);
    const given = { requestId, check };
    if (output === undefined) return this.#unasked(subject, 'no output was recorded', given);
    if ('unread' in output) return this.#unasked(subject, unread(output.unread), given);
    const problem = misnamed(check, tool) ?? misstated(check, influence);
    if (tool === undefined || influence === undefined || problem !== undefined)
      return this.#unasked(subject, problem, given);
    const { value } = output;
    const { influencedBy } = influence;
    return this.#asking.asked(
      subject,
      (bundle) =>
        questionAfter(check.principal, tool, value, this.#asking.findingsIn(value, bundle), influencedBy),
      given,
    );
  }

  #unasked(subject: Subject, reason: string | undefined, given: unknown): Verdict {
    return this.#asking.unasked(subject, reason ?? 'the tool is not known', given);
  }
}

const unread = (code: string, what = 'the output is'): string =>
  `${what} kept outside of the log and could not be read (${code}): nobody has judged that`;

/** Why the arguments cannot be judged. What is kept outside of the log is as large as the store takes. */
function unjudged(call: RequestedCall, given: Whole): string | undefined {
  if ('unread' in given) return unread(given.unread, 'the arguments are');
  return unjudgeable(given.value, storedIn(call.arguments) === undefined ? ARGUMENTS_BYTES_MAX : undefined);
}

const markOf = (influence: CallInfluence | undefined): Pick<Subject, 'influencedBy'> =>
  influence === undefined ? {} : { influencedBy: influence.influencedBy };

/**
 * Verifications and compensations need no approval at any level of autonomy, and stops let them pass. So the run's word for a call's
 * purpose is not enough.
 */
function mispurposed({ purpose, effect, tool }: RequestedCall, tools: PublishedTools): string | undefined {
  if (purpose === 'verify' && effect !== 'read')
    return `the call says that it verifies, and ${tool} is a ${effect}`;
  return purpose === 'compensate' && !tools.undoes(tool)
    ? `the call says that it undoes something, and no published tool is undone by ${tool}`
    : undefined;
}

/** Where the call and the manifest it names disagree. */
function mismatchOf(call: RequestedCall, tool: PublishedTool | undefined): string | undefined {
  const other = misnamed(call, tool);
  if (tool === undefined || other !== undefined) return other;
  const { version, effect } = tool.manifest;
  if (call.toolVersion !== version) return `version ${call.toolVersion} is not the tool's ${version}`;
  if (call.effect !== effect) return `the call says ${call.effect}, the tool is a ${effect}`;
  return undefined;
}

function misnamed(call: Pick<RequestedCall, 'tool'>, tool: PublishedTool | undefined): string | undefined {
  if (tool === undefined) return `no published tool has the hash that it gives for ${call.tool}`;
  const { name } = tool.manifest;
  return call.tool === name ? undefined : `the call names the tool ${call.tool}, its hash the tool ${name}`;
}
