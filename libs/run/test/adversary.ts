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
import type { CompiledToolStep, CompiledWorkflow } from '@interlock/language';
import { delivered } from '@interlock/testing';
import { describeRun, type RunActorOptions } from '../src/index.js';
import { ApprovalDesk } from './approval-desk.js';
import { PlannerDesk } from './planner-desk.js';
import { checkRun } from './run-checks.js';
import { type Armed, armsOf, type Check, checksOf, disarmedIn } from './run-log.js';
import {
  blank,
  cancel,
  pause,
  type RunStory,
  resume,
  retry,
  runId,
  signal,
  skip,
  started,
} from './run-story.js';

/** An executor that answers each arming once, in whatever way and order the dice say, and everybody else around a run. */
export class Adversary {
  readonly story: RunStory;
  readonly #answered = new Set<string>();
  readonly #judged = new Set<string>();
  readonly #unknown: Armed[] = [];
  readonly #past: Input[] = [];
  readonly #desk = new ApprovalDesk(() => this.story);
  readonly #planner = new PlannerDesk(() => this.story);
  /** Calls that took effect, as a target that honours keys would have them. */
  readonly #happened = new Set<string>();

  constructor(
    readonly compiled: CompiledWorkflow,
    readonly dice: readonly number[],
    options: Partial<RunActorOptions> = {},
  ) {
    this.story = blank(compiled, options);
    this.#send(started(compiled));
  }

  play(): void {
    for (const die of this.dice) this.#turn(die);
  }

  /** Everything answers and no more commands come: the run has to end. */
  settle(): void {
    for (let round = 0; round < 3_000 && this.story.state!.end === null; round += 1) {
      const checks = this.#openChecks();
      const arms = this.#openArms();
      const parked = describeRun(this.story.state!).waitingFor?.find(({ kind }) => kind === 'operator');
      const [plan] = this.#planner.requests;
      const [planCheck] = this.#planner.checks;
      if (checks.length > 0) this.#judge(checks[0]!, 0);
      else if (planCheck !== undefined) this.#send(this.#planner.judge(planCheck, 0));
      else if (plan !== undefined) this.#send(this.#planner.answer(plan, 0));
      else if (this.story.state!.paused !== null && round % 7 === 6) this.#send(resume(this.story));
      else if (arms.length > 0) this.#answer(arms[0]!, disarmedIn(this.story).has(arms[0]!.armId) ? 5 : 0);
      else if (this.story.state!.openApprovals.length > 0)
        this.#people(this.#desk.open[0]!, 10 - (round % 6));
      else if (this.story.due !== undefined) this.#due();
      else if (parked !== undefined) this.#send(skip(this.story, parked.step));
      else assert.fail(`nothing moves this run: ${JSON.stringify(describeRun(this.story.state!))}`);
    }
  }

  #turn(die: number): undefined {
    const pick = <T>(list: readonly T[]): T | undefined =>
      list[Math.floor(die / 24) % Math.max(1, list.length)];
    const variant = Math.floor(die / 1_000);
    const check = pick(this.#openChecks());
    const arm = pick(this.#openArms());
    const step = pick(this.compiled.steps)!.id;
    switch (die % 24) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return check && this.#judge(check, variant % 10);
      case 5:
      case 6:
      case 7:
      case 8:
      case 9:
        return arm && this.#answer(arm, variant % 8);
      case 10:
      case 11:
      case 12:
        return this.story.due === undefined ? undefined : this.#due();
      case 13:
        this.story.now += variant * 3;
        return undefined;
      case 14:
        return variant % 4 === 0 ? this.#send(cancel(this.story, variant % 8 === 0)) : undefined;
      case 15:
        return this.#send(variant % 2 === 0 ? retry(this.story, step) : skip(this.story, step));
      case 16:
        return this.#late(pick(this.#unknown), variant % 2 === 0);
      case 18:
        return this.#plan(variant);
      case 17:
        return this.#send(signal(this.story, 'go', die));
      case 19:
        return this.#send(variant % 2 === 0 ? pause(this.story) : resume(this.story));
      case 20:
      case 21:
      case 22:
      case 23:
        return this.#people(pick(this.#desk.requests), variant % 14);
      default: {
        const again = pick(this.#past);
        return again && this.#send(again);
      }
    }
  }

  #due(): undefined {
    this.story.now = Math.max(this.story.now, this.story.due!);
    this.#send({ kind: 'due' });
    const { events } = this.story.decision;
    const spins = events.length === 0 && (this.story.due ?? Number.POSITIVE_INFINITY) <= this.story.now;
    assert.ok(!spins, 'what is due is done');
  }

  #plan(variant: number): undefined {
    const [check] = this.#planner.checks;
    const [request] = this.#planner.requests;
    if (check !== undefined) return this.#send(this.#planner.judge(check, variant % 12));
    return request && this.#send(this.#planner.answer(request, variant % 50));
  }

  #people(request: ApprovalDesk['requests'][number] | undefined, variant: number): undefined {
    const said = request && this.#desk.say(request, variant);
    return said && this.#send(said);
  }

  #openArms(): Armed[] {
    return armsOf(this.story).filter(({ armId }) => !this.#answered.has(armId) && !this.#over.has(armId));
  }

  /** Armings a verdict has ended: nobody answers them. */
  readonly #over = new Set<string>();

  #openChecks(): Check[] {
    return checksOf(this.story).filter(({ id }) => !this.#judged.has(id));
  }

  #judge(check: Check, variant: number): undefined {
    this.#judged.add(check.id);
    const mayRefuse = check.point === 'after' || !this.#answered.has(check.armId);
    const isDeny = variant === 9 && mayRefuse;
    if (variant >= 6 && mayRefuse && check.point === 'before') this.#desk.demandMore(check.callHash);
    const arm = armsOf(this.story).find(({ armId: id }) => id === check.id);
    const demand = arm && this.#desk.demandOf(arm.armId, arm.callHash);
    const asks = arm !== undefined && !this.#desk.mayPerform(arm.armId, arm);
    const redacts = variant === 7 && check.point === 'after';
    if (isDeny || asks) {
      for (const { armId, needs } of this.#openArms()) if (needs.includes(check.id)) this.#over.add(armId);
    }
    const { id: checkId, armId, callHash, point } = check;
    const decided = PolicyDecided({
      checkId,
      armId,
      callHash,
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

  #answer(arm: Armed, dice: number): undefined {
    this.#answered.add(arm.armId);
    const mayPerform = this.#desk.mayPerform(arm.armId, arm);
    if (mayPerform) this.#desk.performs(arm.armId, arm);
    const variant = mayPerform ? dice : 5;
    const { armId, callHash } = arm;
    const about = { armId, callHash };
    this.#send(delivered('tool.events', this.#message(arm, about, variant), { run: runId }));
  }

  #message(arm: Armed, about: { armId: string; callHash: string }, variant: number) {
    const fail = (kind: 'transient' | 'domain' | 'rate_limited') =>
      ToolFailed({ ...about, failure: { class: kind, code: kind, message: kind }, tookMs: 1 });
    switch (variant) {
      case 1:
        return fail('transient');
      case 2:
        return this.#happened.has(arm.callHash) ? this.#success(arm, about) : fail('domain');
      case 3:
        return fail('rate_limited');
      case 4:
      case 6:
        if (arm.effect === 'read') return fail('transient');
        this.#unknown.push(arm);
        if (variant === 6) this.#happened.add(arm.callHash);
        return ToolOutcomeUnknown({ ...about, deadline: this.story.now + 1_000, because: 'crash' });
      case 5:
        return ToolRefused({ ...about, code: 'expired', message: 'expired', unsafe: false });
      case 7:
        // Its executor cannot say what undoes it.
        return this.#success({ ...arm, effect: 'read' }, about);
      default:
        return this.#success(arm, about);
    }
  }

  /** What its executor says undoes a write that happened. */
  #undo({ step, effect, purpose, callHash, toolHash }: Armed) {
    const definition = this.compiled.steps.find(({ id }) => id === step)!;
    const { compensate } = (
      definition.kind === 'agent'
        ? definition.agent.tools.find((call) => call.toolHash === toolHash)
        : definition
    ) as CompiledToolStep;
    if (effect !== 'write' || purpose !== 'step' || compensate === undefined) return {};
    return { compensation: { tool: compensate.tool.name, arguments: { of: callHash } } };
  }

  #success(arm: Armed, about: { armId: string; callHash: string }) {
    if (arm.purpose === 'verify') {
      const { key } = arm.arguments as { key: string };
      if (!this.#happened.has(key)) return ToolSucceeded({ ...about, output: { found: false }, tookMs: 1 });
      const written = armsOf(this.story).find(({ callHash }) => callHash === key)!;
      const output = { found: true, output: { secret: 1 } };
      return ToolSucceeded({ ...about, output, ...this.#undo(written), tookMs: 1 });
    }
    this.#happened.add(arm.callHash);
    return ToolSucceeded({ ...about, output: { secret: 1, open: 2 }, ...this.#undo(arm), tookMs: 1 });
  }

  #late(arm: Armed | undefined, ok: boolean): undefined {
    if (arm === undefined) return;
    const { armId, callHash } = arm;
    const failure = { class: 'transient', code: 'late', message: 'late' } as const;
    const happened = { ok: true, output: { secret: 1 }, ...this.#undo(arm) } as const;
    const outcome = ok ? happened : ({ ok, failure } as const);
    if (ok) this.#happened.add(callHash);
    this.#send(delivered('tool.events', ToolOutcomeLate({ armId, callHash, outcome }), { run: runId }));
  }

  #send(input: Input): undefined {
    this.story.when(input);
    if (input.kind === 'message') this.#past.push(input);
    const open = this.#openArms().map(({ armId }) => armId);
    checkRun(this.story, this.compiled.budget, open);
  }
}
