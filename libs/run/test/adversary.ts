import assert from 'node:assert/strict';
import type { Input } from '@interlock/actors';
import {
  PolicyDecided,
  ToolFailed,
  ToolOutcomeLate,
  ToolOutcomeUnknown,
  ToolRefused,
  ToolSucceeded,
} from '@interlock/contracts';
import { type CompiledToolStep, type CompiledWorkflow, everyStepIn } from '@interlock/language';
import { delivered } from '@interlock/testing';
import { describeRun, type RunActorOptions } from '../src/index.js';
import { decidingCold } from './cold.js';
import { FakeApprovals } from './fake-approvals.js';
import { FakeChildren } from './fake-children.js';
import { FakePlanner } from './fake-planner.js';
import { checkRun } from './run-checks.js';
import { type Check, callRequestsOf, checksOf, type RequestedCall, revokedIn } from './run-log.js';
import {
  blank,
  cancel,
  pause,
  type RunScenario,
  resolve,
  resume,
  retry,
  runId,
  signal,
  skip,
  started,
} from './run-scenario.js';

/** An executor that answers each request once, in whatever way and order the dice say, and everybody else around a run. */
export class Adversary {
  readonly scenario: RunScenario;
  readonly #answered = new Set<string>();
  readonly #judged = new Set<string>();
  readonly #unknown: RequestedCall[] = [];
  readonly #past: Input[] = [];
  readonly #approvals = new FakeApprovals(() => this.scenario);
  readonly #planner = new FakePlanner(() => this.scenario);
  readonly #children = new FakeChildren(() => this.scenario);
  /** Calls that took effect, as a target that honours keys would have them. */
  readonly #happened = new Set<string>();

  constructor(
    readonly compiled: CompiledWorkflow,
    readonly dice: readonly number[],
    options: Partial<RunActorOptions> = {},
    readonly goodMood = 3,
    /** What somebody else says besides, after each turn. */
    readonly beside: (scenario: RunScenario, die: number) => Input | undefined = () => undefined,
  ) {
    this.scenario = blank(compiled, options, decidingCold);
    this.#send(started(compiled));
  }

  play(): void {
    for (const die of this.dice) {
      this.#turn(die);
      const said = this.beside(this.scenario, die);
      if (said !== undefined) this.#send(said);
    }
  }

  /** Everything answers and no more commands come: the run has to end. */
  settle(): void {
    for (let round = 0; round < 3_000 && this.scenario.state!.end === null; round += 1) {
      const checks = this.#openChecks();
      const callRequests = this.#openRequests();
      const parked = describeRun(this.scenario.state!).waitingFor?.find(({ kind }) => kind === 'operator');
      const [plan] = this.#planner.requests;
      const [planCheck] = this.#planner.checks;
      const [child] = this.#children.awaited;
      if (checks.length > 0) this.#judge(checks[0]!, 0);
      else if (planCheck !== undefined) this.#send(this.#planner.judge(planCheck, 0));
      else if (plan !== undefined) this.#send(this.#planner.answer(plan, 0));
      else if (this.scenario.state!.paused !== null && round % 7 === 6) this.#send(resume(this.scenario));
      else if (callRequests.length > 0)
        this.#answer(callRequests[0]!, revokedIn(this.scenario).has(callRequests[0]!.requestId) ? 5 : 0);
      else if (this.scenario.state!.openApprovals.length > 0)
        this.#people(this.#approvals.open[0]!, 10 - (round % 6));
      else if (child !== undefined) this.#send(this.#children.say(child, round % 5 === 4 ? 2 : 0));
      else if (this.scenario.due !== undefined) this.#due();
      else if (parked !== undefined) this.#send(skip(this.scenario, parked.step));
      else assert.fail(`nothing moves this run: ${JSON.stringify(describeRun(this.scenario.state!))}`);
    }
  }

  #turn(die: number): undefined {
    const pick = <T>(list: readonly T[]): T | undefined =>
      list[Math.floor(die / 28) % Math.max(1, list.length)];
    const variant = Math.floor(die / 1_000);
    const check = pick(this.#openChecks());
    const callRequest = pick(this.#openRequests());
    const step = pick(this.#steps) ?? '';
    switch (die % 28) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        return check === undefined
          ? this.#goOn(callRequest, variant)
          : this.#judge(check, this.#mostly(variant, 10));
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
      case 11:
        return this.#goOn(callRequest, variant);
      case 12:
        return this.scenario.due === undefined ? undefined : this.#due();
      case 13:
        this.scenario.now += variant * 3;
        return undefined;
      case 14:
        return variant % 4 === 0 ? this.#send(cancel(this.scenario, variant % 8 === 0)) : undefined;
      case 15:
        return this.#send(this.#said(step, variant));
      case 16:
        return this.#late(pick(this.#unknown), variant % 2 === 0);
      case 18:
        return this.#plan(variant);
      case 17:
        return this.#send(signal(this.scenario, 'go', die));
      case 19:
        return this.#send(variant % 2 === 0 ? pause(this.scenario) : resume(this.scenario));
      case 20:
      case 21:
      case 22:
      case 23:
        return this.#people(pick(this.#approvals.requests), variant % 14);
      case 24:
      case 25:
        return this.#child(pick(this.#children.awaited), variant);
      case 26:
        return variant % 2 === 0
          ? this.#send({ kind: 'recovered' })
          : this.#saidAgain(this.#children.sayAgain(pick, variant));
      default: {
        const again = pick(this.#past);
        return again && this.#send(again);
      }
    }
  }

  /** What goes well, so many times in four as everybody is in a good mood. */
  #mostly(variant: number, kinds: number): number {
    return variant % 4 < this.goodMood ? 0 : Math.floor(variant / 4) % kinds;
  }

  /** Whatever takes the run further. */
  #goOn(callRequest: RequestedCall | undefined, variant: number): undefined {
    const [plan] = this.#planner.requests;
    const [child] = this.#children.awaited;
    const [asked] = this.#approvals.open;
    if (callRequest !== undefined) return this.#answer(callRequest, this.#mostly(variant, 8));
    if (plan !== undefined || this.#planner.checks.length > 0) return this.#plan(variant);
    if (child !== undefined) return this.#child(child, variant);
    if (asked !== undefined) return this.#people(asked, variant % 2 === 0 ? 10 : variant % 14);
    return this.scenario.due === undefined ? undefined : this.#due();
  }

  /** What an operator says of a step. */
  #said(step: string, variant: number): Input {
    if (variant % 3 === 0) return retry(this.scenario, step);
    if (variant % 3 === 1) return skip(this.scenario, step);
    const happened = variant % 2 === 0;
    return resolve(this.scenario, step, happened ? { happened, output: { secret: 1 } } : { happened });
  }

  /** What a person may speak about: what waits for one, or any step. */
  get #steps(): readonly string[] {
    const waits = describeRun(this.scenario.state!).waitingFor ?? [];
    const parked = waits.filter(({ kind }) => kind === 'operator').map(({ step }) => step);
    return parked.length > 0
      ? parked
      : [...waits, ...this.compiled.steps.map(({ id }) => ({ step: id }))].map(({ step }) => step);
  }

  #child(runId: string | undefined, variant: number): undefined {
    return runId === undefined ? undefined : this.#send(this.#children.say(runId, variant));
  }

  #saidAgain(input: Input | undefined): undefined {
    return input && this.#send(input);
  }

  #due(): undefined {
    this.scenario.now = Math.max(this.scenario.now, this.scenario.due!);
    this.#send({ kind: 'due' });
    const { events } = this.scenario.decision;
    const spins = events.length === 0 && (this.scenario.due ?? Number.POSITIVE_INFINITY) <= this.scenario.now;
    assert.ok(!spins, 'what is due is done');
  }

  #plan(variant: number): undefined {
    const [check] = this.#planner.checks;
    const [request] = this.#planner.requests;
    if (check !== undefined) return this.#send(this.#planner.judge(check, variant % 12));
    return request && this.#send(this.#planner.answer(request, variant % 50));
  }

  #people(request: FakeApprovals['requests'][number] | undefined, variant: number): undefined {
    const said = request && this.#approvals.say(request, variant);
    return said && this.#send(said);
  }

  #openRequests(): RequestedCall[] {
    return callRequestsOf(this.scenario).filter(
      ({ requestId }) => !this.#answered.has(requestId) && !this.#over.has(requestId),
    );
  }

  /** Requests a verdict has ended: nobody answers them. */
  readonly #over = new Set<string>();

  #openChecks(): Check[] {
    return checksOf(this.scenario).filter(({ id }) => !this.#judged.has(id));
  }

  #judge(check: Check, variant: number): undefined {
    this.#judged.add(check.id);
    const mayRefuse = check.point === 'after' || !this.#answered.has(check.requestId);
    const isDeny = variant === 9 && mayRefuse;
    if (variant >= 6 && mayRefuse && check.point === 'before') this.#approvals.demandMore(check.callHash);
    const callRequest = callRequestsOf(this.scenario).find(({ requestId: id }) => id === check.id);
    const demand = callRequest && this.#approvals.demandOf(callRequest.requestId, callRequest.callHash);
    const asks = callRequest !== undefined && !this.#approvals.mayPerform(callRequest.requestId, callRequest);
    const redacts = variant === 7 && check.point === 'after';
    if (isDeny || asks) {
      for (const { requestId, needs } of this.#openRequests())
        if ([...needs, requestId].includes(check.id)) this.#over.add(requestId);
    }
    const { id: checkId, requestId, callHash, point } = check;
    const decided = PolicyDecided({
      checkId,
      ...(point === 'before' ? { callHash } : { requestId }),
      point,
      verdict: isDeny ? 'deny' : 'allow',
      ...(demand === undefined ? {} : { approval: demand }),
      ...(redacts ? { redact: ['secret'] } : {}),
      bundle: 'bundle',
      policies: [],
      reason: 'dice',
      inputDigest: '',
      mode: 'enforce',
    });
    this.#send(delivered('policy.events', decided, { run: runId }));
  }

  #answer(callRequest: RequestedCall, dice: number): undefined {
    this.#answered.add(callRequest.requestId);
    const mayPerform = this.#approvals.mayPerform(callRequest.requestId, callRequest);
    if (mayPerform) this.#approvals.performs(callRequest.requestId, callRequest);
    const variant = mayPerform ? dice : 5;
    const { requestId, callHash } = callRequest;
    const about = { requestId, callHash };
    this.#send(delivered('tool.events', this.#message(callRequest, about, variant), { run: runId }));
  }

  #message(callRequest: RequestedCall, about: { requestId: string; callHash: string }, variant: number) {
    const fail = (kind: 'transient' | 'domain' | 'rate_limited') =>
      ToolFailed({ ...about, failure: { class: kind, code: kind, message: kind }, tookMs: 1 });
    switch (variant) {
      case 1:
        return fail('transient');
      case 2:
        return this.#happened.has(callRequest.callHash) ? this.#success(callRequest, about) : fail('domain');
      case 3:
        return fail('rate_limited');
      case 4:
      case 6:
        if (callRequest.effect === 'read') return fail('transient');
        this.#unknown.push(callRequest);
        if (variant === 6) this.#happened.add(callRequest.callHash);
        return ToolOutcomeUnknown({ ...about, deadline: this.scenario.now + 1_000, because: 'crash' });
      case 5:
        return ToolRefused({ ...about, code: 'expired', message: 'expired', unsafe: false });
      case 7:
        // Its executor cannot say what undoes it.
        return this.#success({ ...callRequest, effect: 'read' }, about);
      default:
        return this.#success(callRequest, about);
    }
  }

  /** What its executor says undoes a write that happened. */
  #undo({ step, effect, purpose, callHash, toolHash }: RequestedCall) {
    // A compensation is not in the step's list of tools.
    if (effect !== 'write' || purpose !== 'step') return {};
    const definition = everyStepIn(this.compiled.steps).find(({ id }) => id === step.split('/').at(-1))!;
    const { compensate } = (
      definition.kind === 'agent'
        ? definition.agent.tools.find((call) => call.toolHash === toolHash)
        : definition
    ) as CompiledToolStep;
    if (compensate === undefined) return {};
    return { compensation: { tool: compensate.tool.name, arguments: { of: callHash } } };
  }

  #success(callRequest: RequestedCall, about: { requestId: string; callHash: string }) {
    if (callRequest.purpose === 'verify') {
      const { key } = callRequest.arguments as { key: string };
      if (!this.#happened.has(key)) return ToolSucceeded({ ...about, output: { found: false }, tookMs: 1 });
      const written = callRequestsOf(this.scenario).find(({ callHash }) => callHash === key)!;
      const output = { found: true, output: { secret: 1 } };
      return ToolSucceeded({ ...about, output, ...this.#undo(written), tookMs: 1 });
    }
    this.#happened.add(callRequest.callHash);
    return ToolSucceeded({ ...about, output: { secret: 1, open: 2 }, ...this.#undo(callRequest), tookMs: 1 });
  }

  #late(callRequest: RequestedCall | undefined, ok: boolean): undefined {
    if (callRequest === undefined) return;
    const { requestId, callHash } = callRequest;
    const failure = { class: 'transient', code: 'late', message: 'late' } as const;
    const happened = { ok: true, output: { secret: 1 }, ...this.#undo(callRequest) } as const;
    const outcome = ok ? happened : ({ ok, failure } as const);
    if (ok) this.#happened.add(callHash);
    this.#send(delivered('tool.events', ToolOutcomeLate({ requestId, callHash, outcome }), { run: runId }));
  }

  #send(input: Input): undefined {
    this.scenario.when(input);
    if (input.kind === 'message') this.#past.push(input);
    const open = this.#openRequests().map(({ requestId }) => requestId);
    checkRun(this.scenario, this.compiled.budget, open);
  }
}
