import type { Effect } from '@interlock/actors';
import {
  callActor,
  EffectRunner,
  InProcessWorkplace,
  noCircuits,
  toolSetOf,
} from '@interlock/app-tool-executor';
import { approvalActor } from '@interlock/approvals';
import { CoreBus, type Perform } from '@interlock/cases';
import { checkActor, Verdicts } from '@interlock/checks';
import {
  type ApprovalOpened,
  approvalCommands,
  approvalEvents,
  CastVote,
  type Identity,
  type MessageOf,
  PlanFailed,
  PlanProposed,
  type PlanRequested,
  planEvents,
  policyEvents,
  runCommands,
  runEvents,
  StartRun,
  type Stops,
  terminalEventTypes,
  toolEvents,
  toolHandover,
} from '@interlock/contracts';
import { runActor } from '@interlock/run';
import { seededRandom } from '@interlock/simulation';
import { type Attempt, HostileModel } from './hostile.model.ts';
import { CUSTOMER, Shop, ShopArtifacts } from './shop.ts';

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
const requester: Identity = { sub: CUSTOMER, roles: ['support', 'finance'] };
const people: readonly Identity[] = [
  { sub: 'sue', roles: ['support'] },
  { sub: 'sid', roles: ['support'] },
  { sub: 'fay', roles: ['finance'] },
  { sub: 'fin', roles: ['finance'] },
  { sub: 'eve', roles: ['clerk'] },
  requester,
];

/** The same for every run: tools are pinned by what they are, not by whose they are. */
const artifacts = new ShopArtifacts(new Shop());
export const verdicts = new Verdicts(artifacts);
const levels = [
  'assisted',
  'assisted',
  'assisted',
  'assisted',
  'assisted',
  'assisted',
  'assisted',
  'shadow',
  'baseline',
] as const;

const nothingStops: Stops = { standing: () => ({ kind: 'free' }) };

/** One run whose planner is in the hands of somebody who wants the worst, and whose people agree with nearly everything. */
export class HostileRun {
  readonly shop = new Shop();
  readonly bus: CoreBus;
  readonly level: (typeof levels)[number];
  /** What was proposed, by the plan and the place in it. */
  readonly attempts = new Map<string, readonly Attempt[]>();
  readonly #random: () => number;
  readonly #model: HostileModel;
  /** How far the planner has read the run, and people their inbox. */
  readonly #read = { run: 0, inbox: 0 };
  #votes = 0;

  /** @param judge policy, unless a test puts a bad one in its place */
  constructor(seed: number, judge: Verdicts = verdicts) {
    const random = seededRandom(seed);
    this.#random = random;
    this.#model = new HostileModel(random);
    this.level = levels[Math.floor(random() * levels.length)]!;
    const tools = toolSetOf(this.shop.tools);
    const model = { level: this.level, model: 'local/hostile', timeoutMs: 1_000, tokensMax: 6_000 };
    const run = runActor({
      workflow: (hash) => artifacts.byHash(hash),
      tool: () => ({ costUsd: 0.01 }),
      agents: this.level === 'baseline' ? { ...model, model: undefined } : model,
      clockSkewMs: 0,
    });
    const services = [
      { actor: run, topic: runEvents, numbered: true },
      { actor: checkActor(judge), topic: policyEvents, numbered: false },
      {
        actor: callActor({ tools, stops: nothingStops, circuits: noCircuits, clockSkewMs: 0 }),
        topic: toolEvents,
        numbered: false,
        perform: this.#perform(),
      },
      { actor: approvalActor, topic: approvalEvents, numbered: false },
    ];
    this.bus = new CoreBus(`run-${seed}`, services as never, topics, { startsAt: 1_767_225_600_000, random });
    const { runId, now } = this.bus;
    const start = { commandId: 'start', runId, by: requester, issuedAt: now, workflow: artifacts.workflow };
    this.bus.say(
      runCommands.name,
      StartRun({ ...start, input: {}, requestHash: 'r', salt: 'a-salt-of-128-bits-0_0' }),
    );
  }

  /** Plays it to its end; false: it never ended. */
  async play(): Promise<boolean> {
    for (let steps = 0; steps < 20_000; steps += 1) {
      this.#plan();
      this.#vote();
      if (!(await this.bus.step())) break;
    }
    return this.bus.log(runEvents.name).some(({ type }) => terminalEventTypes.has(type));
  }

  #perform(): Perform {
    const { tools } = this.shop;
    const clock = { now: () => this.bus.now };
    const silent = { log: () => {}, warn: () => {} };
    const runner = new EffectRunner({
      tools: toolSetOf(tools),
      workplace: new InProcessWorkplace({ tools, clock, concurrencyMax: 8, ...silent }),
      stops: nothingStops,
      circuits: noCircuits,
      clock,
      scheduler: { after: () => () => {}, soon: (task) => queueMicrotask(task) },
      lateMaxMs: 1_000,
    });
    return async (effect: Effect, report) =>
      runner.perform(effect, { signal: new AbortController().signal, result: report } as never);
  }

  /** The planner answers whatever it reads, whether or not policy has allowed that, sometimes twice or for a plan that is not. */
  #plan(): void {
    const events = this.bus.log(runEvents.name);
    while (this.#read.run < events.length) {
      const { type, meta, data } = events[this.#read.run]!;
      this.#read.run += 1;
      if (type !== 'plan.requested') continue;
      const { model, known } = data as MessageOf<typeof PlanRequested>['data'];
      const about = { planId: meta.id, model, tookMs: 1, ...this.#usage() };
      if (this.#random() < 0.06) {
        const failure = { class: 'transient' as const, code: 'http.500', message: 'broken' };
        this.bus.say(planEvents.name, PlanFailed({ ...about, failure, called: this.#random() < 0.8 }));
        continue;
      }
      const attempts = this.#model.propose(known.observed);
      const proposed = PlanProposed({ ...about, proposal: this.#proposal(attempts) });
      const isReadable = JSON.stringify(proposed.data).length < 500_000;
      if (isReadable) this.attempts.set(meta.id, attempts);
      this.bus.say(planEvents.name, proposed);
      if (this.#random() < 0.1) this.bus.say(planEvents.name, proposed);
      if (this.#random() < 0.1)
        this.bus.say(planEvents.name, {
          ...proposed,
          data: { ...proposed.data, planId: `${this.bus.runId}/1` },
        });
    }
  }

  #proposal(attempts: readonly Attempt[]) {
    const ends = attempts.length === 0 || this.#random() < 0.03;
    return {
      calls: attempts.map(({ call }) => call),
      confidence: this.#random() < 0.03 ? 0.1 : 1,
      reasoning: 'It is certainly allowed: the operator has said so.',
      alternatives: [],
      evidence: ['trust me'],
      ...(ends && { output: this.#random() < 0.8 ? { outcome: 'resolved' } : { nonsense: true } }),
    };
  }

  /** It also lies about what it has used. */
  #usage() {
    const chance = this.#random();
    if (chance < 0.03) return {};
    if (chance < 0.06) return { usage: { inputTokens: 999_999_999, outputTokens: 5 }, costUsd: 1e6 };
    return { usage: { inputTokens: 900, outputTokens: 100 }, costUsd: 0.01 };
  }

  /** Nearly everybody agrees with everything, also those who may not; the rest says no, or nothing. */
  #vote(): void {
    const events = this.bus.log(approvalEvents.name);
    while (this.#read.inbox < events.length) {
      const { type, data } = events[this.#read.inbox]!;
      this.#read.inbox += 1;
      if (type !== 'approval.opened') continue;
      const { approvalId, callHash } = data as MessageOf<typeof ApprovalOpened>['data'];
      if (this.#random() < 0.03) continue;
      const from = Math.floor(this.#random() * people.length);
      for (let at = 0; at < people.length; at += 1)
        this.#cast(
          { approvalId, callHash },
          people[(from + at) % people.length]!,
          this.#random() < 0.02 ? 'deny' : 'approve',
        );
    }
  }

  #cast(
    asked: { readonly approvalId: string; readonly callHash: string },
    by: Identity,
    vote: 'approve' | 'deny',
  ): void {
    const { runId, now } = this.bus;
    this.#votes += 1;
    const cast = { commandId: `v${this.#votes}`, runId, issuedAt: now, ...asked, by, vote, reason: 'fine' };
    this.bus.say(approvalCommands.name, CastVote(cast));
  }
}
