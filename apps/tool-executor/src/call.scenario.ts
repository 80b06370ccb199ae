import type { Decision, Effect, RecordedEvent, TopicMessage } from '@interlock/actors';
import {
  ApprovalConfirmed,
  ApprovalUnconfirmed,
  CallRequested,
  CallRevoked,
  type Compensation,
  callHashOf,
  HandOverOutcome,
  hashedCallOf,
  type MessageOf,
  PolicyDecided,
  type Standing,
  type ToolEvent,
} from '@interlock/contracts';
import { defineTool } from '@interlock/tools';
import { z } from 'zod';
import { callActor } from './call.actor.js';
import type { CallEnd, CallResult } from './call.effect.js';
import type { CallState } from './call.state.js';
import { ProcessCircuits } from './circuit/circuits.js';
import type { CallInput, CallMessage, Received } from './deferred-calls.js';
import { toolSetOf } from './tool-set.js';

export const RUN = 'run-1';
export const APPROVAL = `${RUN}.7`;
const SKEW_MS = 5_000;

/** For the call that is confirmed, unless it names another. */
export const vote = (
  sub: string,
  roles = ['finance'],
  said: 'approve' | 'deny' = 'approve',
  { callHash, tenant }: { callHash?: string; tenant?: string } = {},
) => ({
  by: { sub, roles, ...(tenant !== undefined && { tenant }) },
  vote: said,
  at: 500,
  reason: '',
  ...(callHash !== undefined && { callHash }),
});
export type GivenVote = ReturnType<typeof vote>;

type Confirmed = z.output<typeof ApprovalConfirmed.schema>;
/** The fields in which a confirmation differs. */
export type ConfirmationChange = Partial<Omit<Confirmed, 'votes'>> & { votes?: readonly GivenVote[] };

const schemas = {
  input: z.object({ orderId: z.string().min(1) }),
  output: z.object({ ok: z.boolean() }),
};
const base = {
  version: 1,
  description: '',
  ...schemas,
  risk: 'low',
  audience: 'test',
  timeout: '10s',
} as const;
const run = async () => ({ ok: true });

export const read = defineTool({ ...base, name: 'orders.get', effect: 'read', run });
export const keyed = defineTool({
  ...base,
  name: 'refunds.create',
  effect: 'write',
  recovery: { by: 'idempotency-key' },
  run,
});
export const unkeyed = defineTool({
  ...base,
  name: 'mail.send',
  effect: 'write',
  recovery: { by: 'ask-human', settleAfter: '1s' },
  run,
});
export type RequestedCall = TopicMessage<MessageOf<typeof CallRequested>>;

/** One run's call actor with a log, deferred inputs and effects around it, as a host would keep them. */
export class CallScenario {
  /** What this process has loaded. */
  tools = toolSetOf([read, keyed, unkeyed]);
  /** What kill switches say. */
  standing: Standing = { kind: 'free' };
  readonly circuits = new ProcessCircuits({
    failures: 3,
    probeMs: 2_000,
    clock: { now: () => this.now },
    scheduler: { after: () => () => {}, soon: () => {} },
  });
  readonly actor = callActor({
    tools: { byHash: (hash) => this.tools.byHash(hash) },
    stops: { standing: () => this.standing },
    circuits: this.circuits,
    clockSkewMs: SKEW_MS,
  });
  now = 1_000;
  state: CallState | undefined;
  deferred: Received[] = [];
  caughtUp = true;
  /** Effects that this process runs. */
  running = new Map<string, Effect>();
  /** Every effect ever started, by any host. */
  started: Effect[] = [];
  stopped: string[] = [];
  /** The data of every event ever written. */
  written: unknown[] = [];
  #offset = 0;

  /** What the actor wrote because of `message`, as `type` or with `code` behind a colon. */
  take(message: Received): string[] {
    return this.#decide({ kind: 'message', message });
  }

  due(at: number): string[] {
    this.now = at;
    return this.#decide({ kind: 'due' });
  }

  ends(requestId: string, end: CallEnd): string[] {
    const effect = this.running.get(requestId)?.data as { callHash: string; effect: 'read' | 'write' };
    const result: CallResult = { callHash: effect.callHash, effect: effect.effect, tookMs: 1, end };
    return this.#decide({ kind: 'result', effectId: requestId, result });
  }

  /** Another host takes over: nothing runs there; it starts effects only once every input was read. */
  crash(): string[] {
    this.running.clear();
    this.caughtUp = true;
    return this.#decide({ kind: 'recovered' });
  }

  nextDue(): number | undefined {
    return this.actor.due?.(this.state, { deferred: this.deferred, isRunning: (id) => this.running.has(id) });
  }

  requestCall(
    tool: typeof read,
    overrides: Partial<z.input<typeof CallRequested.schema>> = {},
  ): RequestedCall {
    const id = `${RUN}/${++this.#offset}`;
    const call = {
      step: 'pay',
      tool: tool.manifest.name,
      toolVersion: 1,
      toolHash: tool.toolHash,
      effect: tool.manifest.effect,
      purpose: 'step' as const,
      arguments: { orderId: 'o-1' },
      occurrence: 1,
      generation: 1,
      salt: 'a-salt-of-128-bits-0_0',
      attempt: 1,
      recovery: false,
      needs: [],
      notAfter: 60_000,
      timeoutMs: 10_000,
      reserved: { costUsd: 0, toolCalls: 1 },
      principal: { workflow: 'w', version: 1, requester: 'ada', requesterRoles: [] },
      ...overrides,
    };
    const callHash = overrides.callHash ?? callHashOf(hashedCallOf(RUN, call));
    return this.#message('run.events', id, CallRequested({ ...call, callHash }));
  }

  verdict(requestedCall: RequestedCall, said: Partial<z.output<typeof PolicyDecided.schema>> = {}): Received {
    const id = requestedCall.meta.id;
    const { callHash } = requestedCall.data;
    const decided = PolicyDecided({
      checkId: id,
      point: 'before',
      callHash,
      verdict: 'allow',
      bundle: 'b',
      policies: ['p'],
      inputDigest: 'd',
      ...said,
    });
    return this.#message('policy.events', `v${++this.#offset}`, decided);
  }

  /** Two finance people have approved what is requested, unless the change says otherwise. */
  confirm(
    requestedCall: RequestedCall,
    { votes = [vote('bea'), vote('cleo')], ...change }: ConfirmationChange = {},
  ): Received {
    const { callHash, approvalId = APPROVAL, principal } = requestedCall.data;
    const confirmed = ApprovalConfirmed({
      requestId: requestedCall.meta.id,
      approvalId,
      callHash,
      votes: votes.map((one) => ({ callHash, ...one })),
      requester: principal.requester,
      grantId: `${approvalId}/granted`,
      ...change,
    });
    return this.#message('approval.events', `a${++this.#offset}`, confirmed);
  }

  unconfirm(requestedCall: RequestedCall): Received {
    const { callHash } = requestedCall.data;
    const about = { requestId: requestedCall.meta.id, approvalId: APPROVAL, callHash };
    const unconfirmed = ApprovalUnconfirmed({ ...about, because: 'it is withdrawn' });
    return this.#message('approval.events', `a${++this.#offset}`, unconfirmed);
  }

  revoke(requestedCall: RequestedCall): Received {
    const data = { requestId: requestedCall.meta.id, step: 'pay', because: 'cancelled' as const };
    return this.#message('run.events', `${RUN}/${++this.#offset}`, CallRevoked(data));
  }

  handover(requestedCall: RequestedCall, compensation?: Compensation): Received {
    const { callHash } = requestedCall.data;
    const outcome = { ok: true as const, output: { ok: true }, ...(compensation && { compensation }) };
    const message = HandOverOutcome({ runId: RUN, requestId: requestedCall.meta.id, callHash, outcome });
    return this.#message('tool.handover', `h${++this.#offset}`, message);
  }

  #message<Said extends CallMessage>(topic: string, id: string, said: Said): TopicMessage<Said> {
    const meta = { id, run: RUN, epoch: 0, index: this.#offset, time: this.now };
    return { ...said, topic, offset: this.#offset, part: 0, key: RUN, meta };
  }

  #decide(input: CallInput): string[] {
    const isRunning = (id: string): boolean => this.running.has(id);
    const { now, deferred, caughtUp } = this;
    const decision = this.actor.decide(input, this.state, { now, deferred, caughtUp, isRunning }, RUN);
    if (input.kind === 'result') this.running.delete(input.effectId);
    this.deferred = deferred.filter((message) => !decision.release?.includes(message));
    if (input.kind === 'message' && decision.defer === true) this.deferred.push(input.message);
    for (const effect of decision.start ?? []) this.#start(effect);
    this.stopped.push(...(decision.stop ?? []));
    return this.#accept(decision);
  }

  #accept(decision: Omit<Decision<ToolEvent>, 'folded'>): string[] {
    return decision.events.map((event) => {
      this.written.push(event.data);
      const recorded: RecordedEvent<ToolEvent> = { ...event, id: '', seq: 0, time: this.now };
      this.state = this.actor.evolve(this.state, recorded, RUN);
      for (const effect of this.actor.effects?.(recorded, this.state) ?? []) this.#start(effect);
      const { code, failure } = event.data as { code?: string; failure?: { class: string } };
      const detail = code ?? failure?.class;
      return detail === undefined ? event.type : `${event.type}: ${detail}`;
    });
  }

  #start(effect: Effect): void {
    this.running.set(effect.id, effect);
    this.started.push(effect);
  }
}
