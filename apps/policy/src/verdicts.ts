import { callHashOf, hashOf, type PolicyDecided } from '@interlock/contracts';
import { type Answer, type Bundle, denied, digestOf, type Question } from '@interlock/policy';
import type { z } from 'zod';
import { ActiveBundle } from './active-bundle.js';
import { type Confirmation, isApproved } from './approval-answer.js';
import { findingsIn } from './detectors/findings.js';
import { type PublishedArtifacts, type PublishedTool, PublishedTools } from './published-tools.js';
import {
  type ArmedCall,
  questionAfter,
  questionBefore,
  type RequestedCheck,
  unjudgeable,
} from './questions.js';
import type { RecordedOutput } from './recorded-output.js';

export type Verdict = z.output<typeof PolicyDecided.schema>;

/** What is named as the bundle when there was none to ask. */
export const NO_BUNDLE = 'none';

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

type Subject = Pick<Verdict, 'checkId' | 'point' | 'armId' | 'callHash'>;

/** Answers checks from the published artifacts. Fails closed: whatever is missing or does not match is a deny. */
export class Verdicts {
  readonly #tools: PublishedTools;
  readonly #bundle: ActiveBundle;

  constructor(artifacts: PublishedArtifacts) {
    this.#tools = new PublishedTools(artifacts);
    this.#bundle = new ActiveBundle(artifacts);
  }

  /** Whether everything needed to judge calls of this tool has been read. If not, it may be on its way. */
  canJudge(toolHash: string): boolean {
    return this.#bundle.current() !== undefined && this.#tools.byHash(toolHash) !== undefined;
  }

  before({ checkId, runId, call, confirmation }: BeforeCheck): Verdict {
    const callHash = callHashOf({ runId, ...call });
    const subject: Subject = { checkId, point: 'before', armId: checkId, callHash };
    const tool = this.#tools.byHash(call.toolHash);
    const mismatch =
      callHash === call.callHash
        ? (mismatchOf(call, tool) ?? unjudgeable(call.arguments))
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
    return this.#asked(subject, () => questionBefore(call, tool, approved), call);
  }

  after({ checkId, check, recorded }: AfterCheck): Verdict {
    const { armId, callHash } = check;
    const subject: Subject = { checkId, point: 'after', armId, callHash: recorded?.callHash ?? callHash };
    const tool = this.#tools.byHash(check.toolHash);
    const given = { check, recorded: recorded?.callHash };
    if (recorded === undefined) return this.#unasked(subject, 'no output was recorded', given);
    const { output } = recorded;
    const mismatch =
      recorded.callHash === callHash ? mismatchOf(check, tool) : `the output belongs to ${recorded.callHash}`;
    if (tool === undefined || mismatch !== undefined) return this.#unasked(subject, mismatch, given);
    return this.#asked(
      subject,
      (bundle) => questionAfter(check, tool, output, this.#findings(output, bundle)),
      given,
    );
  }

  #findings(output: unknown, { hosts }: Bundle): readonly string[] {
    return findingsIn(output, { hosts, isToolName: (name) => this.#tools.isName(name) });
  }

  #asked(subject: Subject, questionOf: (bundle: Bundle) => Question, given: unknown): Verdict {
    const bundle = this.#bundle.current();
    if (bundle === undefined) return this.#unasked(subject, 'there is no usable policy bundle', given);
    const question = questionOf(bundle);
    return verdictOf(subject, bundle.ask(question), bundle.hash, digestOf(bundle.hash, question));
  }

  /** A deny that no policy was asked for. Its digest is that of the bundle and of what was given. */
  #unasked(subject: Subject, reason: string | undefined, given: unknown): Verdict {
    const bundle = this.#bundle.current()?.hash ?? NO_BUNDLE;
    return verdictOf(subject, denied(reason ?? 'the tool is not known'), bundle, hashOf({ bundle, given }));
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

function verdictOf(subject: Subject, answer: Answer, bundle: string, inputDigest: string): Verdict {
  const { verdict, approval, redact, policies, reason } = answer;
  return {
    ...subject,
    verdict,
    ...(approval !== undefined && { approval }),
    ...(redact.length > 0 && { redact: [...redact] }),
    bundle,
    policies: [...policies],
    reason,
    inputDigest,
    mode: 'enforce',
  };
}
