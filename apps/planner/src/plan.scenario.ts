import type { Decision, Effect, RecordedEvent, TopicMessage } from '@interlock/actors';
import {
  defaultPrompt,
  hashOf,
  type MessageOf,
  type PlanEvent,
  PlanRequested,
  PolicyDecided,
  type PublishedArtifact,
  planHashOf,
  type Standing,
  type ToolManifest,
} from '@interlock/contracts';
import { readConfiguration } from '@interlock/service';
import type { z } from 'zod';
import type { PlanInput, PlanMessage, PlanRequest, Received } from './deferred-plans.js';
import { type Models, modelsOf } from './model/models.js';
import { planActor } from './plan.actor.js';
import type { PlanResult } from './plan.effect.js';
import type { PlanState } from './plan.state.js';
import { composer, type PublishedArtifacts } from './request/compose.js';

export const RUN = 'run-1';
export const MODEL = 'local/planner-1';
const SKEW_MS = 5_000;

/** The models of an environment; prices in it are USD for a million tokens. */
export function modelsFor(environment: Readonly<Record<string, string>> = {}): Models {
  const configuration = readConfiguration({
    INTERLOCK_MODEL: MODEL,
    INTERLOCK_MODEL_URL: 'http://127.0.0.1:9/v1',
    INTERLOCK_MODEL_PRICES: '1,4',
    ...environment,
  });
  const models = modelsOf(configuration, false);
  if ('problems' in models) throw new Error(models.problems.join('; '));
  return models;
}

const manifest = (name: string, input: ToolManifest['input']): ToolManifest => ({
  name,
  version: 1,
  description: `Does ${name}.`,
  input,
  output: {},
  effect: 'read',
  risk: 'low',
  audience: 'test',
  timeoutMs: 1_000,
  costUsd: 0,
  origin: 'function',
  pool: 'default',
});
const byOrder = {
  type: 'object',
  properties: { orderId: { type: 'string' } },
  required: ['orderId'],
  additionalProperties: false,
};

export const manifests = [manifest('orders.get', byOrder), manifest('refunds.create', byOrder)];
export const pins = manifests.map((tool) => ({ name: tool.name, version: 1, toolHash: hashOf(tool) }));

export function publishing(
  documents: readonly { kind: 'tool' | 'prompt'; name: string; document: unknown }[] = [],
): PublishedArtifacts {
  const tools = manifests.map((document) => ({ kind: 'tool' as const, name: document.name, document }));
  const by = { sub: 'ada', roles: [] };
  const all = [...tools, ...documents].map((one) => [
    hashOf(one.document),
    { ...one, version: 1, hash: hashOf(one.document), by, commandId: 'c' } as PublishedArtifact,
  ]);
  const byHash = new Map(all as [string, PublishedArtifact][]);
  return { byHash: (hash) => byHash.get(hash) };
}

type Change = Partial<z.input<typeof PlanRequested.schema>>;

export function requestOf(change: Change = {}): PlanRequest {
  const { level = 'assisted', ...changed } = change;
  const question = {
    model: MODEL,
    promptHash: defaultPrompt.hash,
    goal: 'Find out where order o-1 is.',
    tools: pins,
    output: { type: 'object', properties: { place: { type: 'string' } } },
    known: { facts: { orderId: 'o-1' }, observed: [] },
    salt: 'a-salt-of-128-bits-0_0',
    ...changed,
  };
  return PlanRequested({
    step: 'resolve',
    round: 1,
    attempt: 1,
    purpose: 'act',
    level,
    reserved: { tokens: 20_000, costUsd: 1 },
    notAfter: 60_000,
    timeoutMs: 10_000,
    principal: { workflow: 'w', version: 1, requester: 'ada', requesterRoles: [] },
    ...question,
    callHash: change.callHash ?? planHashOf(question),
  }).data;
}

/** The plan actor of one run with a log, deferred inputs and effects around it, as a host would keep them. */
export class PlanScenario {
  /** What kill switches say. */
  standing: Standing = { kind: 'free' };
  readonly actor = planActor({
    compose: composer(modelsFor(), publishing()),
    stops: { standing: () => this.standing },
    clockSkewMs: SKEW_MS,
  });
  now = 1_000;
  state: PlanState | undefined;
  deferred: Received[] = [];
  caughtUp = true;
  running = new Map<string, Effect>();
  /** Every effect ever started, by any host. */
  started: Effect[] = [];
  /** The data of every event ever written. */
  written: unknown[] = [];
  #offset = 0;

  /** What the actor wrote because of `message`, with the code of a failure behind a colon. */
  take(message: Received): string[] {
    return this.#decide({ kind: 'message', message });
  }

  due(at: number): string[] {
    this.now = at;
    return this.#decide({ kind: 'due' });
  }

  ends(planId: string, outcome: PlanResult['outcome']): string[] {
    const result: PlanResult = { tookMs: 1, outcome };
    return this.#decide({ kind: 'result', effectId: planId, result });
  }

  /** Another host takes over: nothing runs there. */
  crash(): string[] {
    this.running.clear();
    return this.recover();
  }

  /** Every input is read to where it ended at the claim. */
  recover(): string[] {
    this.caughtUp = true;
    return this.#decide({ kind: 'recovered' });
  }

  nextDue(): number | undefined {
    return this.actor.due?.(this.state, { deferred: this.deferred, isRunning: (id) => this.running.has(id) });
  }

  ask(change: Change = {}): TopicMessage<MessageOf<typeof PlanRequested>> {
    return this.#message('run.events', `${RUN}/${++this.#offset}`, PlanRequested(requestOf(change)));
  }

  verdict(
    asked: TopicMessage<MessageOf<typeof PlanRequested>>,
    said: Partial<z.output<typeof PolicyDecided.schema>> = {},
  ): Received {
    const { id = '' } = asked.meta;
    const decided = PolicyDecided({
      checkId: id,
      point: 'before',
      callHash: planHashOf(asked.data),
      verdict: 'allow',
      bundle: 'b',
      policies: ['p'],
      reason: '',
      inputDigest: 'd',
      mode: 'enforce',
      ...said,
    });
    return this.#message('policy.events', `v${++this.#offset}`, decided);
  }

  #message<Said extends PlanMessage>(topic: string, id: string, said: Said): TopicMessage<Said> {
    const meta = { id, run: RUN, epoch: 0, index: this.#offset, time: this.now };
    return { ...said, topic, offset: this.#offset, part: 0, key: RUN, meta };
  }

  #decide(input: PlanInput): string[] {
    const isRunning = (id: string): boolean => this.running.has(id);
    const { now, deferred, caughtUp } = this;
    const decision = this.actor.decide(input, this.state, { now, deferred, caughtUp, isRunning }, RUN);
    if (input.kind === 'result') this.running.delete(input.effectId);
    this.deferred = deferred.filter((message) => !decision.release?.includes(message));
    if (input.kind === 'message' && decision.defer === true) this.deferred.push(input.message);
    return this.#accept(decision);
  }

  #accept({ events }: Pick<Decision<PlanEvent>, 'events'>): string[] {
    return events.map((event) => {
      this.written.push(event.data);
      const recorded: RecordedEvent<PlanEvent> = { ...event, id: '', seq: 0, time: this.now };
      this.state = this.actor.evolve(this.state, recorded, RUN);
      for (const effect of this.actor.effects?.(recorded, this.state) ?? []) {
        this.running.set(effect.id, effect);
        this.started.push(effect);
      }
      const { failure, called } = event.data as { failure?: { code: string }; called?: boolean };
      return failure === undefined ? event.type : `${event.type}: ${failure.code}${called ? ', called' : ''}`;
    });
  }
}
