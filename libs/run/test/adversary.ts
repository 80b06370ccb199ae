import assert from 'node:assert/strict';
import type { Input } from '@interlock/actors';
import {
  type CallArmed,
  type CheckRequested,
  type MessageOf,
  PolicyDecided,
  ToolFailed,
  ToolOutcomeLate,
  ToolOutcomeUnknown,
  ToolRefused,
  ToolSucceeded,
} from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import { delivered } from '@interlock/testing';
import { describeRun } from '../src/index.js';
import { blank, cancel, type RunStory, retry, runId, signal, skip, started } from './run-story.js';

type Armed = MessageOf<typeof CallArmed>['data'] & { readonly armId: string };

/** An executor that answers each arming once, in whatever way and order the dice say, and everybody else around a run. */
export class Adversary {
  readonly story: RunStory;
  readonly #answered = new Set<string>();
  readonly #judged = new Set<string>();
  readonly #unknown: Armed[] = [];
  readonly #past: Input[] = [];
  /** Calls that took effect, as a target that honours keys would have them. */
  readonly #happened = new Set<string>();
  #seen = 0;

  constructor(
    readonly compiled: CompiledWorkflow,
    readonly dice: readonly number[],
  ) {
    this.story = blank(compiled);
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
      if (checks.length > 0) this.#judge(checks[0]!, 0);
      else if (arms.length > 0) this.#answer(arms[0]!, this.#disarmed().has(arms[0]!.armId) ? 5 : 0);
      else if (this.story.due !== undefined) this.#due();
      else if (parked !== undefined) this.#send(skip(this.story, parked.step));
      else assert.fail(`nothing moves this run: ${JSON.stringify(describeRun(this.story.state!))}`);
    }
  }

  #turn(die: number): undefined {
    const pick = <T>(list: readonly T[]): T | undefined =>
      list[Math.floor(die / 20) % Math.max(1, list.length)];
    const variant = Math.floor(die / 1_000);
    const check = pick(this.#openChecks());
    const arm = pick(this.#openArms());
    const step = pick(this.compiled.steps)!.id;
    switch (die % 20) {
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
        return variant % 4 === 0 ? this.#send(cancel(this.story)) : undefined;
      case 15:
        return this.#send(variant % 2 === 0 ? retry(this.story, step) : skip(this.story, step));
      case 16:
        return this.#late(pick(this.#unknown), variant % 2 === 0);
      case 17:
        return this.#send(signal(this.story, 'go', die));
      default: {
        const again = pick(this.#past);
        return again && this.#send(again);
      }
    }
  }

  #due(): undefined {
    this.story.now = Math.max(this.story.now, this.story.due!);
    this.#send({ kind: 'due' });
  }

  #of<T>(type: string): (T & { id: string })[] {
    return this.story.events
      .filter((event) => event.type === type)
      .map(({ id, data }) => ({ ...(data as T), id }));
  }

  #arms(): Armed[] {
    return this.#of<MessageOf<typeof CallArmed>['data']>('call.armed').map((arm) => ({
      ...arm,
      armId: arm.id,
    }));
  }

  #openArms(): Armed[] {
    return this.#arms().filter(({ armId }) => !this.#answered.has(armId) && !this.#over.has(armId));
  }

  /** Armings a verdict has ended: nobody answers them. */
  readonly #over = new Set<string>();

  #disarmed(): Set<string> {
    return new Set(this.#of<{ armId: string }>('call.disarmed').map(({ armId }) => armId));
  }

  #openChecks(): { id: string; armId: string; callHash: string; point: 'before' | 'after' }[] {
    const before = this.#arms().map(({ armId, callHash }) => ({
      id: armId,
      armId,
      callHash,
      point: 'before' as const,
    }));
    const after = this.#of<MessageOf<typeof CheckRequested>['data']>('check.requested').map((check) => ({
      id: check.id,
      armId: check.armId,
      callHash: check.callHash,
      point: 'after' as const,
    }));
    return [...before, ...after].filter(({ id }) => !this.#judged.has(id));
  }

  #judge(
    check: { id: string; armId: string; callHash: string; point: 'before' | 'after' },
    variant: number,
  ): undefined {
    this.#judged.add(check.id);
    const mayRefuse = check.point === 'after' || !this.#answered.has(check.armId);
    const isDeny = variant === 9 && mayRefuse;
    const asks = variant === 8 && mayRefuse && check.point === 'before';
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
      ...(asks ? { approval: { kind: 'single', approvers: ['lead'] } } : {}),
      ...(redacts ? { redact: ['secret'] } : {}),
      bundle: 'bundle',
      policies: [],
      reason: 'dice',
      inputDigest: '',
      mode: 'enforce',
    });
    this.#send(delivered('policy.events', decided, { run: runId }));
  }

  #answer(arm: Armed, variant: number): undefined {
    this.#answered.add(arm.armId);
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
      default:
        return this.#success(arm, about);
    }
  }

  #success(arm: Armed, about: { armId: string; callHash: string }) {
    if (arm.purpose === 'verify') {
      const { key } = arm.arguments as { key: string };
      const output = this.#happened.has(key) ? { found: true, output: { secret: 1 } } : { found: false };
      return ToolSucceeded({ ...about, output, tookMs: 1 });
    }
    this.#happened.add(arm.callHash);
    return ToolSucceeded({ ...about, output: { secret: 1, open: 2 }, tookMs: 1 });
  }

  #late(arm: Armed | undefined, ok: boolean): undefined {
    if (arm === undefined) return;
    const { armId, callHash } = arm;
    const failure = { class: 'transient', code: 'late', message: 'late' } as const;
    const outcome = ok ? ({ ok, output: { secret: 1 } } as const) : ({ ok, failure } as const);
    if (ok) this.#happened.add(callHash);
    this.#send(delivered('tool.events', ToolOutcomeLate({ armId, callHash, outcome }), { run: runId }));
  }

  #send(input: Input): undefined {
    this.story.when(input);
    if (input.kind === 'message') this.#past.push(input);
    this.#check();
  }

  #check(): void {
    const state = this.story.state!;
    const { spent, end } = state;
    const { budget } = this.compiled;
    assert.ok(spent.steps <= budget.steps, 'steps within budget');
    assert.ok(spent.toolCalls + spent.reservedCalls <= budget.toolCalls, 'tool calls within budget');
    assert.ok(spent.microUsd + spent.reservedMicroUsd <= budget.costUsd * 1_000_000, 'money within budget');
    assert.ok(Math.min(spent.reservedCalls, spent.reservedMicroUsd) >= 0, 'nothing released twice');
    const fresh = this.story.events.slice(this.#seen);
    this.#seen = this.story.events.length;
    for (const { type } of fresh) assert.ok(type !== 'decision.threw');
    if (end !== null) this.#checkEnd(fresh.map(({ type }) => type));
    else
      assert.ok(
        (describeRun(state).waitingFor?.length ?? 0) + state.ready.length > 0,
        'an open run waits for something named',
      );
    this.#checkRecords();
    this.#checkDoubts();
    this.#checkCommands();
  }

  #checkEnd(fresh: readonly string[]): void {
    const { spent } = this.story.state!;
    assert.deepEqual([spent.reservedCalls, spent.reservedMicroUsd], [0, 0], 'nothing stays reserved');
    const open = this.#openArms().map(({ armId }) => armId);
    assert.deepEqual(open, [], 'no arming is open at the end');
    const at = this.story.events.findIndex(({ type }) =>
      /^run\.(completed|failed|cancelled|escalated)$/.test(type),
    );
    const later = this.story.events.slice(at + 1).map(({ type }) => type);
    assert.ok(
      later.every((type) => type === 'call.late_recorded'),
      `after the end: ${later.join()} (${fresh.join()})`,
    );
  }

  /** Read from the log alone: no call may be in doubt when the run ends, and nothing new starts once it is ending. */
  #checkDoubts(): void {
    const inDoubt = new Map<string, string>();
    const known = new Set<string>();
    let isEnding = false;
    for (const { type, data } of this.story.events) {
      const {
        callHash = '',
        step,
        outcome,
        effect,
        recovery,
        because,
      } = data as Record<string, never> & {
        callHash?: string;
        step: string;
        outcome?: { kind?: string; ok?: boolean };
      };
      if (type === 'call.recorded' && outcome?.kind === 'unknown' && !known.has(callHash))
        inDoubt.set(callHash, step);
      if (type === 'call.recorded' && outcome?.kind === 'succeeded') inDoubt.delete(callHash);
      if (type === 'call.doubt_resolved' || (type === 'call.late_recorded' && effect === 'answers')) {
        inDoubt.delete(callHash);
        // Whatever another attempt says now, it did happen.
        if (outcome?.ok === true) known.add(callHash);
      }
      if (type === 'step.skipped' && because === 'operator') {
        for (const [hash, of] of inDoubt) if (of === step) inDoubt.delete(hash);
      }
      assert.ok(
        type !== 'call.armed' || !isEnding || recovery === true,
        'nothing new starts in a run that is ending',
      );
      isEnding ||= type === 'run.cancelling' || type === 'step.failed';
    }
    if (this.story.state!.end !== null)
      assert.deepEqual([...inDoubt.values()], [], 'no call is in doubt at the end');
  }

  #checkCommands(): void {
    const ids = this.story.events.flatMap(({ data }) => (data as { commandId?: string }).commandId ?? []);
    assert.equal(new Set(ids).size, ids.length, 'each command is applied once');
  }

  #checkRecords(): void {
    const answers = this.#of<{ armId: string; callHash: string; outcome: { kind: string } }>('call.recorded');
    const arms = answers.map(({ armId }) => armId);
    assert.equal(new Set(arms).size, arms.length, 'one record for one arming');
    const successes = answers
      .filter(({ outcome }) => outcome.kind === 'succeeded')
      .map(({ callHash }) => callHash);
    assert.equal(new Set(successes).size, successes.length, 'one recorded success for one call');
  }
}
