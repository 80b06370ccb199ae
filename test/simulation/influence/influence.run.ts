import type { Effect } from '@interlock/actors';
import {
  callActor,
  EffectRunner,
  InProcessWorkplace,
  noCircuits,
  toolSetOf,
} from '@interlock/app-tool-executor';
import { approvalActor } from '@interlock/approvals';
import { CoreBus } from '@interlock/cases';
import { checkActor, Verdicts } from '@interlock/checks';
import {
  type ApprovalOpened,
  type ArtifactKind,
  approvalCommands,
  approvalEvents,
  CastVote,
  hashOf,
  type MessageOf,
  PlanFailed,
  PlanProposed,
  type PlanRequested,
  type PublishedArtifact,
  planEvents,
  policyEvents,
  type RunEvent,
  runCommands,
  runEvents,
  StartRun,
  type Stops,
  terminalEventTypes,
  toolEvents,
  toolHandover,
} from '@interlock/contracts';
import { compileWorkflow, publishedCatalogue } from '@interlock/language';
import { runActor } from '@interlock/run';
import { seededRandom } from '@interlock/simulation';
import { defineTool, type Tool } from '@interlock/tools';
import { z } from 'zod';
import type { InfluenceBug } from './influence.bugs.ts';
import type { RandomWorkflow } from './random.workflow.ts';

const topics = [
  runCommands,
  runEvents,
  planEvents,
  policyEvents,
  toolEvents,
  toolHandover,
  approvalCommands,
  approvalEvents,
];

/** Says what became of its text; fails where it is told to. */
const anyTool = (
  name: string,
  effect: { effect: 'read' } | { effect: 'write'; recovery: { by: 'idempotency-key' } },
): Tool =>
  defineTool({
    name,
    version: 1,
    description: 'Does as it is told.',
    ...effect,
    risk: 'low',
    audience: 'internal',
    timeout: '5s',
    input: z.strictObject({ step: z.string(), v: z.string().max(2_000), fail: z.boolean() }),
    output: z.object({ v: z.string(), choice: z.enum(['a', 'b']) }),
    failure: z.object({ code: z.literal('told_to') }),
    run: async ({ v, fail }, context) => {
      if (fail) return context.fail({ code: 'told_to' });
      return { v: `(${v})`.slice(0, 300), choice: hashOf(v) < '8' ? ('a' as const) : ('b' as const) };
    },
  });

const anyTools = [
  anyTool('any.read', { effect: 'read' }),
  anyTool('any.write', { effect: 'write', recovery: { by: 'idempotency-key' } }),
];
const tools = toolSetOf(anyTools);
/** The bundle permits everything, so that only the floor asks people. */
const bundle = { policies: [{ id: 'all', text: 'permit(principal, action, resource);' }] };

class Artifacts {
  readonly #all: PublishedArtifact[] = [];
  readonly problems: readonly unknown[];
  readonly hash: string = '';

  constructor({ document, tables }: RandomWorkflow) {
    for (const { manifest, toolHash } of anyTools) this.#add('tool', manifest.name, manifest, toolHash);
    this.#add('policy', 'main', bundle, hashOf(bundle));
    for (const table of tables) this.#add('table', String(table.name), table, hashOf(table));
    const compiled = compileWorkflow(
      document,
      publishedCatalogue((kind, name) => this.get(kind, name)),
    );
    this.problems = compiled.ok ? [] : compiled.problems;
    if (!compiled.ok) return;
    this.hash = compiled.hash;
    this.#add('workflow', String(document.workflow), document, compiled.hash, compiled.workflow);
  }

  get(kind: ArtifactKind, name: string): PublishedArtifact | undefined {
    return this.#all.find((artifact) => artifact.kind === kind && artifact.name === name);
  }

  activePolicy(): { readonly artifact: PublishedArtifact } | undefined {
    const artifact = this.get('policy', 'main');
    return artifact && { artifact };
  }

  all(kind: ArtifactKind): PublishedArtifact[] {
    return this.#all.filter((artifact) => artifact.kind === kind);
  }

  byHash(hash: string): PublishedArtifact | undefined {
    return this.#all.find((artifact) => artifact.hash === hash);
  }

  #add(kind: ArtifactKind, name: string, document: unknown, hash: string, compiled?: unknown): void {
    const by = { sub: 'shop', roles: [] };
    this.#all.push({ kind, name, version: 1, document, hash, compiled, by, commandId: `publish ${name}` });
  }
}

export interface Setting {
  readonly seed: number;
  /** Absent: no model answers, so the rules act. */
  readonly model?: () => number;
  readonly votes: (step: string, isCall: boolean) => 'approve' | 'deny';
  readonly bug?: InfluenceBug;
}

const nothingStops: Stops = { standing: () => ({ kind: 'free' }) };

/** A run of a random workflow with the cores of all services, a model that does anything, and people. */
export class InfluenceRun {
  readonly bus: CoreBus;
  readonly problems: readonly unknown[];
  readonly #read = { run: 0, inbox: 0 };

  constructor(
    workflow: RandomWorkflow,
    readonly setting: Setting,
  ) {
    const artifacts = new Artifacts(workflow);
    this.problems = artifacts.problems;
    const random = seededRandom(setting.seed);
    const agents = {
      level: 'assisted' as const,
      model: 'local/any',
      timeoutMs: 1_000,
      tokensMax: 6_000,
      costUsdMax: 0.1,
    };
    const run = runActor({
      workflow: (hash) => artifacts.byHash(hash),
      tool: () => ({ costUsd: 0.01 }),
      agents,
      clockSkewMs: 0,
    });
    const clock = { now: () => this.bus.now };
    const runner = new EffectRunner({
      tools,
      workplace: new InProcessWorkplace({
        tools: anyTools,
        clock,
        concurrencyMax: 8,
        log: () => {},
        warn: () => {},
      }),
      stops: nothingStops,
      circuits: noCircuits,
      clock,
      scheduler: { after: () => () => {}, soon: (task) => queueMicrotask(task) },
      lateMaxMs: 1_000,
    });
    const perform = async (effect: Effect, result: (outcome: unknown) => void) =>
      runner.perform(effect, { signal: new AbortController().signal, result } as never);
    const services = [
      { actor: run, topic: runEvents, numbered: true },
      { actor: checkActor(new Verdicts(artifacts as never)), topic: policyEvents, numbered: false },
      {
        actor: callActor({ tools, stops: nothingStops, circuits: noCircuits, clockSkewMs: 0 }),
        topic: toolEvents,
        numbered: false,
        perform,
      },
      { actor: approvalActor, topic: approvalEvents, numbered: false },
    ];
    const { bug } = setting;
    const wrapped = services.map((service) =>
      bug === undefined
        ? service
        : { ...service, actor: bug.wrap(service.actor.name as never, service.actor as never) },
    );
    this.bus = new CoreBus('run-1', wrapped as never, topics, { startsAt: 1_767_225_600_000, random });
    const { name, version } = { name: String(workflow.document.workflow), version: 1 };
    const start = {
      commandId: 'start',
      runId: 'run-1',
      by: { sub: 'ada', roles: [] },
      issuedAt: this.bus.now,
    };
    const about = { workflow: { name, version, hash: artifacts.hash }, input: {}, requestHash: 'r' };
    this.bus.say(runCommands.name, StartRun({ ...start, ...about, salt: 'a-salt-of-128-bits-0_0' }));
  }

  get events(): readonly (RunEvent & { readonly meta: { readonly id: string } })[] {
    return this.bus.log(runEvents.name) as unknown as (RunEvent & {
      readonly meta: { readonly id: string };
    })[];
  }

  get status(): string {
    return this.events.find(({ type }) => terminalEventTypes.has(type))?.type ?? 'open';
  }

  async play(): Promise<this> {
    for (let steps = 0; steps < 20_000; steps += 1) {
      this.#plan();
      this.#vote();
      if (!(await this.bus.step())) break;
    }
    return this;
  }

  #plan(): void {
    const events = this.bus.log(runEvents.name);
    for (; this.#read.run < events.length; this.#read.run += 1) {
      const { type, meta, data } = events[this.#read.run]!;
      if (type !== 'plan.requested') continue;
      const { model, tools: listed } = data as MessageOf<typeof PlanRequested>['data'];
      const usage = { usage: { inputTokens: 900, outputTokens: 100 }, costUsd: 0.01 };
      const about = { planId: meta.id, model, tookMs: 1, ...usage };
      const proposal = this.#proposal(listed.map(({ name }) => name));
      const failure = { class: 'invalid_input' as const, code: 'model.refused', message: 'no' };
      this.bus.say(
        planEvents.name,
        proposal === undefined
          ? PlanFailed({ ...about, failure, called: true })
          : PlanProposed({ ...about, proposal }),
      );
    }
  }

  /** Undefined: it does not answer. */
  #proposal(listed: readonly string[]) {
    const { model } = this.setting;
    if (model === undefined || model() < 0.12) return undefined;
    const text = `«model ${Math.floor(model() * 1_000)}»`;
    const calls = listed
      .filter(() => model() < 0.4)
      .map((tool) => ({
        tool,
        arguments: { step: 'agent', v: text, fail: model() < 0.15 },
        occurrence: 1,
      }));
    const said = { confidence: model() < 0.1 ? 0.1 : 1, reasoning: 'so', alternatives: [], evidence: [] };
    const wrong = model() < 0.1;
    const choice = model() < 0.5 ? 'a' : 'b';
    const hasOutput = calls.length === 0 || model() < 0.5;
    return { ...said, calls, ...(hasOutput && { output: wrong ? { v: 7 } : { v: text, choice } }) };
  }

  #vote(): void {
    const events = this.bus.log(approvalEvents.name);
    for (; this.#read.inbox < events.length; this.#read.inbox += 1) {
      const { type, data } = events[this.#read.inbox]!;
      if (type !== 'approval.opened') continue;
      const { approvalId, callHash, action, step } = data as MessageOf<typeof ApprovalOpened>['data'];
      const cast = {
        commandId: `v${this.#read.inbox}`,
        runId: 'run-1',
        issuedAt: this.bus.now,
        approvalId,
        callHash,
        by: { sub: 'lena', roles: ['lead'] },
        vote: this.setting.votes(step, action !== undefined),
        reason: 'so',
      };
      this.bus.say(approvalCommands.name, CastVote(cast));
    }
  }
}
