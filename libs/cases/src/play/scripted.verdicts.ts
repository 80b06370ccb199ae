import {
  type ApprovalRequirement,
  hashOf,
  PolicyDecided,
  parseDuration,
  policyEvents,
} from '@interlock/contracts';
import type { ApprovalAsked, ScriptedVerdict } from '../case/answer.schema.js';
import type { CoreBus } from '../cores/core.bus.js';
import type { Decided, RequestedCall } from './authorization.js';
import type { Family } from './family.js';
import { LogReader } from './log.reader.js';
import type { Script } from './script.js';

/** Named as the bundle, and as the policy, of a verdict that a case says. */
const CASE = 'case';

type Question = Pick<Decided, 'checkId' | 'point' | 'requestId' | 'planId' | 'callHash' | 'influencedBy'>;
type Ruling = Pick<Decided, 'verdict' | 'approval' | 'redact' | 'reason'>;

/** Where a question stands: its offset, and whose it is. */
interface About {
  readonly ref: number;
  readonly run: string;
}

const allowed: Ruling = { verdict: 'allow' };

/** Policy in a case without policies: everything is allowed but what the case says. */
export class ScriptedVerdicts {
  readonly #run;
  readonly #approvals;
  /** Requests that name an approval, until the approval service has spoken about them. */
  readonly #waiting = new Map<string, { readonly call: RequestedCall; readonly about: About }>();
  /** What people had to grant, by the hash of the call. */
  readonly #demanded = new Map<string, ApprovalRequirement>();

  constructor(
    private readonly bus: CoreBus,
    private readonly script: Script<ScriptedVerdict>,
    private readonly family: Family,
  ) {
    this.#run = new LogReader(bus, 'run.events');
    this.#approvals = new LogReader(bus, 'approval.events');
  }

  hear(): void {
    for (const message of this.#run.next()) {
      const { meta, offset: ref } = message;
      const about: About = { ref, run: meta.run ?? this.bus.runId };
      if (message.type === 'call.requested') this.#before(meta.id, message.data, about);
      else if (message.type === 'call.recorded' || message.type === 'call.late_recorded') {
        const { requestId, step, check } = message.data;
        if (check !== undefined)
          this.#decide(
            { checkId: meta.id, point: 'after', requestId },
            this.#after(check.tool, this.family.pathOf(about.run, step)),
            about,
          );
      } else if (message.type === 'plan.requested')
        this.#decide({ checkId: meta.id, point: 'before', callHash: message.data.callHash }, allowed, about);
      else if (message.type === 'plan.recorded' && message.data.asks)
        this.#decide({ checkId: meta.id, point: 'after', planId: message.data.planId }, allowed, about);
    }
    for (const { type, data } of this.#approvals.next()) {
      if (type === 'approval.confirmed') this.#confirmed(data.requestId, true);
      if (type === 'approval.unconfirmed') this.#confirmed(data.requestId, false);
    }
  }

  #before(requestId: string, call: RequestedCall, about: About): void {
    if (call.approvalId !== undefined) this.#waiting.set(requestId, { call, about });
    else this.#decide(questionOf(requestId, call), this.#ruling(call, about), about);
  }

  #ruling(call: RequestedCall, { run }: About): Ruling {
    const found = this.script.use(
      { ...call, step: this.family.pathOf(run, call.step) },
      (said) => 'approval' in said || ('deny' in said && said.point !== 'after'),
    );
    const said = found?.said;
    if (said === undefined) return allowed;
    if ('deny' in said) return { verdict: 'deny', reason: said.deny };
    if (!('approval' in said)) return allowed;
    const approval = requirementOf(said.approval);
    this.#demanded.set(call.callHash, approval);
    return { verdict: 'allow', approval };
  }

  #after(tool: string, step: string): Ruling {
    const found = this.script.use(
      { tool, step, arguments: {} },
      (said) => 'redact' in said || ('deny' in said && said.point === 'after'),
    );
    const said = found?.said;
    if (said === undefined) return allowed;
    if ('deny' in said) return { verdict: 'deny', reason: said.deny };
    return 'redact' in said ? { verdict: 'allow', redact: [...said.redact] } : allowed;
  }

  /** As policy does it: what people granted changes nothing of what is required. */
  #confirmed(requestId: string, isGranted: boolean): void {
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) return;
    this.#waiting.delete(requestId);
    const { call, about } = waiting;
    const approval = this.#demanded.get(call.callHash);
    const ruling: Ruling = isGranted
      ? { verdict: 'allow', ...(approval && { approval }) }
      : { verdict: 'deny', reason: `approval ${call.approvalId} is not confirmed for exactly this call` };
    this.#decide(questionOf(requestId, call), ruling, about);
  }

  #decide(question: Question, ruling: Ruling, { ref, run }: About): void {
    const said = { ...question, ...ruling, bundle: CASE, policies: [CASE], inputDigest: hashOf(question) };
    this.bus.say(policyEvents.name, { ...PolicyDecided({ ...said, mode: 'enforce' }), ref }, { run });
  }
}

const questionOf = (requestId: string, { callHash, influencedBy }: RequestedCall): Question => ({
  checkId: requestId,
  point: 'before',
  callHash,
  ...(influencedBy && { influencedBy }),
});

function requirementOf(asked: ApprovalAsked): ApprovalRequirement {
  const { required, approvers, escalateTo, escalateAfter, expires, onExpiry } = asked;
  const escalateAfterMs = parseDuration(escalateAfter ?? '');
  const expiresAfterMs = parseDuration(expires ?? '');
  return {
    kind: required,
    approvers: [...approvers],
    ...(escalateTo && { escalateTo: [...escalateTo] }),
    ...(escalateAfterMs !== undefined && { escalateAfterMs }),
    ...(expiresAfterMs !== undefined && { expiresAfterMs }),
    ...(onExpiry && { onExpiry }),
  };
}
