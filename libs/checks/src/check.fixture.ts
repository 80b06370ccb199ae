import type { Actor, Effect, TopicMessage } from '@interlock/actors';
import {
  approvalEvents,
  CallRequested,
  type CastVoteRecord,
  callHashOf,
  hashedCallOf,
  hashOf,
  type PublishedArtifact,
  runEvents,
  type ToolManifest,
  type ValueAnswer,
} from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import type { z } from 'zod';
import {
  type Answered,
  type CheckEvent,
  type CheckInput,
  type CheckMessage,
  isApprovalAnswer,
  type Received,
} from './check.messages.js';
import type { FollowedRun } from './followed-run.js';
import type { PublishedArtifacts } from './published-tools.js';
import type { RequestedCall } from './questions.js';

export const runId = 'run-1';
const by = { sub: 'ada', roles: ['clerk'] };

export const refunds: ToolManifest = {
  name: 'refunds.create',
  version: 2,
  description: 'Pays money back.',
  input: { type: 'object', properties: { orderId: { type: 'string' }, amountCents: { type: 'integer' } } },
  output: { type: 'object', properties: { n: { type: 'integer' } } },
  effect: 'write',
  risk: 'high',
  audience: 'customer',
  recovery: { by: 'idempotency-key' },
  timeoutMs: 10_000,
  costUsd: 0,
  origin: 'function',
  pool: 'default',
};

/** Published artifacts that grow while a test runs. */
export class Artifacts implements PublishedArtifacts {
  readonly #published: PublishedArtifact[] = [];
  #active: string | undefined;

  publish(kind: PublishedArtifact['kind'], name: string, document: unknown): string {
    const hash = hashOf(document);
    const version = this.#published.length + 1;
    this.#published.unshift({ kind, name, version, document, hash, by, commandId: `c${version}` });
    return hash;
  }

  workflow(compiled: CompiledWorkflow): void {
    const { name, version, hash } = compiled;
    const document = { workflow: name };
    this.#published.unshift({
      kind: 'workflow',
      name,
      version,
      document,
      hash,
      compiled,
      by,
      commandId: hash,
    });
  }

  tool(manifest: ToolManifest = refunds): string {
    return this.publish('tool', manifest.name, manifest);
  }

  /** Publishes it and puts it into force. */
  bundle(...texts: readonly string[]): string {
    const policies = texts.map((text, at) => ({ id: `p${at}`, text }));
    return this.activate({ policies });
  }

  activate(document: unknown): string {
    const hash = this.publish('policy', 'main', document);
    this.#active = hash;
    return hash;
  }

  activePolicy(): { readonly artifact: PublishedArtifact } | undefined {
    const artifact = this.#active === undefined ? undefined : this.byHash(this.#active);
    return artifact && { artifact };
  }

  get(kind: string, name: string): PublishedArtifact | undefined {
    return this.#published.find((artifact) => artifact.kind === kind && artifact.name === name);
  }

  all(kind: string): PublishedArtifact[] {
    return this.#published.filter((artifact) => artifact.kind === kind);
  }

  byHash(hash: string): PublishedArtifact | undefined {
    return this.#published.find((artifact) => artifact.hash === hash);
  }
}

/** A request whose hash is right unless the change says otherwise. */
export function callAsRequested(change: Partial<z.input<typeof CallRequested.schema>> = {}): RequestedCall {
  const call = {
    step: 'pay',
    tool: refunds.name,
    toolVersion: refunds.version,
    toolHash: hashOf(refunds),
    effect: refunds.effect,
    purpose: 'step' as const,
    arguments: { orderId: 'o1', amountCents: 5_000 } as unknown,
    occurrence: 1,
    generation: 1,
    salt: 'a-salt-of-128-bits-0_0',
    attempt: 1,
    recovery: false,
    needs: [],
    notAfter: 60_000,
    timeoutMs: 10_000,
    reserved: { costUsd: 0, toolCalls: 1 },
    principal: { workflow: 'refund-request', version: 1, requester: 'ada', requesterRoles: ['clerk'] },
    ...change,
  };
  const { data } = CallRequested({ callHash: '', ...call });
  return { ...data, callHash: call.callHash ?? callHashOf(hashedCallOf(runId, data)) };
}

/** What somebody who did not ask says of a call. */
export const voteOn = (callHash: string, sub = 'bea'): CastVoteRecord => ({
  by: { sub, roles: ['lead'] },
  vote: 'approve',
  callHash,
  at: 500,
  reason: '',
});

type Decided = Extract<Answered, { type: 'policy.decided' }>;

/** Hands events of one run to the actor as its host does: in order, with what it holds. */
export class RunInputs {
  deferred: Received[] = [];
  now = 1_000;
  #offset = 100;

  /** What it asks of the store, newest decision. */
  wanted: readonly Effect[] = [];
  /** What policy keeps of the run. */
  kept: FollowedRun | undefined;

  constructor(private readonly actor: Actor<FollowedRun, CheckMessage, CheckEvent, ValueAnswer>) {}

  /** The id of the last event. */
  get lastId(): string {
    return `${runId}/${this.#offset}`;
  }

  /** One decision of the run, or of the approval service: its events share a cause. Answers with all verdicts that follow. */
  append(cause: string, ...events: readonly CheckMessage[]) {
    return events.flatMap((event) => {
      this.#offset += 1;
      const meta = { id: `${runId}/${this.#offset}`, run: runId, epoch: 1, index: 1, time: this.now, cause };
      const message: Received = {
        ...event,
        topic: runEvents.name,
        offset: this.#offset,
        part: 0,
        key: runId,
        meta,
      };
      const topic = isApprovalAnswer(message) ? approvalEvents.name : runEvents.name;
      return this.#decide({ kind: 'message', message: { ...message, topic } });
    });
  }

  /** The store answers. */
  answered(result: ValueAnswer) {
    return this.#decide({ kind: 'result', effectId: 'any', result });
  }

  due() {
    return this.#decide({ kind: 'due' });
  }

  dueAt(isRunning = false): number | undefined {
    return this.actor.due?.(this.kept, { deferred: this.deferred, isRunning: () => isRunning });
  }

  #decide(input: CheckInput): Decided[] {
    const context = { now: this.now, deferred: [...this.deferred], isRunning: () => false };
    const { events, defer, release = [], start = [] } = this.actor.decide(input, this.kept, context, runId);
    this.wanted = start;
    const deferred: readonly TopicMessage[] = this.deferred;
    const unknown = release.filter((message) => !deferred.includes(message));
    if (unknown.length > 0) throw new Error('released what was not deferred');
    this.deferred = this.deferred.filter((message) => !release.includes(message));
    if (defer === true && input.kind === 'message') this.deferred.push(input.message);
    for (const event of events) {
      const recorded = { ...event, id: `${runId}/0`, seq: 0, time: this.now };
      this.kept = this.actor.evolve(this.kept, recorded, runId);
    }
    return events.flatMap((event) => (event.type === 'policy.decided' ? [event] : []));
  }
}
