import type { Effect, Input, RecordedEvent } from '@interlock/actors';
import { type RunEvent, VALUE, type ValueAnswer, type ValueRequest } from '@interlock/contracts';
import type { CompiledChildStep, CompiledWorkflow } from '@interlock/language';
import { specification } from '@interlock/testing';
import {
  describeRun,
  letterIn,
  type Run,
  type RunActorOptions,
  type RunState,
  runActor,
} from '../src/index.js';
import { after, before, type RunScenario, runId, started, succeeded, T0, wrote } from './run-scenario.js';

type Extra = Partial<Omit<CompiledChildStep, 'id' | 'kind'>>;

/** A step that starts a run of the workflow. */
export const child = (id: string, of: CompiledWorkflow, extra: Extra = {}): CompiledChildStep => ({
  kind: 'workflow',
  id,
  needs: [],
  timeout: {},
  workflow: { name: of.name, version: of.version, hash: of.hash },
  with: {},
  budget: of.budget,
  depth: 1,
  ...extra,
});

/** Runs of one partition, which tell each other what they have to: at once, in order, and as often as it is said. */
export class Family {
  readonly runs = new Map<string, RunScenario>();
  /** Letters that nobody has brought. */
  held: Effect[] = [];
  isHolding = false;
  /** What was asked of the store, and nobody has answered. */
  asked: Effect[] = [];
  /** Every letter is brought twice. */
  isRepeating = false;
  readonly #seen = new Map<string, number>();

  constructor(
    readonly root: CompiledWorkflow,
    readonly others: readonly CompiledWorkflow[],
    readonly options: Partial<RunActorOptions> = {},
    /** What the store has, by its hashes: it answers at once. Absent: nobody answers. */
    readonly stored?: Map<string, unknown>,
  ) {
    this.when(runId, started(root));
  }

  get parent(): RunScenario {
    return this.run(runId);
  }

  run(key: string): RunScenario {
    let scenario = this.runs.get(key);
    if (scenario === undefined) {
      const all = [this.root, ...this.others];
      const actor = runActor({
        workflow: (hash) => all.filter((one) => one.hash === hash).map((compiled) => ({ compiled }))[0],
        tool: () => ({ costUsd: 0.01 }),
        clockSkewMs: 100,
        ...this.options,
      });
      scenario = specification(actor, {
        key,
        startsAt: T0,
        kin: () => this.#kinOf(key),
      }).given() as unknown as RunScenario;
      this.runs.set(key, scenario);
    }
    return scenario;
  }

  #kinOf(key: string): { key: string; state: RunState }[] {
    return [...this.runs].flatMap(([other, { state }]) =>
      other === key || state === undefined ? [] : [{ key: other, state }],
    );
  }

  /** Id of the child that the step of this run has started last. */
  childOf(step: string, of = runId): string {
    const requested = this.run(of).events.findLast(
      ({ type, data }) => type === 'child.requested' && (data as { step: string }).step === step,
    );
    if (requested === undefined) throw new Error(`${step} of ${of} has started no child`);
    return (requested.data as { runId: string }).runId;
  }

  child(step: string, of = runId): RunScenario {
    return this.run(this.childOf(step, of));
  }

  when(key: string, input: Input): this {
    const scenario = this.run(key);
    scenario.when(input);
    const all = [...this.#newEffects(scenario), ...(scenario.decision.start ?? [])];
    const told = all.filter(({ to }) => to !== undefined);
    if (this.isHolding) this.held.push(...told);
    else for (const effect of told) this.bring(effect);
    for (const effect of all) if (effect.to === undefined) this.#ask(key, effect);
    return this;
  }

  #ask(key: string, effect: Effect): void {
    const { stored } = this;
    if (stored === undefined || effect.kind !== VALUE) return void this.asked.push(effect);
    const { load, keep } = effect.data as ValueRequest;
    if (keep !== undefined) stored.set(keep.stored.hash, keep.value);
    const lost = load.find(({ hash }) => !stored.has(hash));
    const failed = lost && {
      stored: lost,
      code: 'value.missing' as const,
      message: 'there is no such value',
    };
    const result: ValueAnswer = {
      kind: 'value',
      values: stored,
      ...(keep === undefined ? {} : { kept: keep.stored }),
      ...(failed === undefined ? {} : { failed }),
    };
    this.when(key, { kind: 'result', effectId: effect.id, result });
  }

  bring(effect: Effect): void {
    if (effect.to === undefined) throw new Error('a letter is for somebody');
    const input: Input = { kind: 'result', effectId: effect.id, result: letterIn(effect) };
    for (let times = this.isRepeating ? 2 : 1; times > 0; times -= 1) this.when(effect.to, input);
  }

  /** The process is gone, with all that it held; the next one has read its inputs. */
  recover(): this {
    this.held = [];
    this.asked = [];
    this.isHolding = false;
    for (const [key, { state, actor }] of [...this.runs])
      if (state !== undefined && actor.isOver?.(state) !== true) this.when(key, { kind: 'recovered' });
    return this;
  }

  /** Allows a call of the run, lets it succeed, and allows what it gave. */
  perform(key: string, step: string, isWrite = false): this {
    const scenario = this.run(key);
    this.when(key, before(scenario, step));
    this.when(key, isWrite ? wrote(scenario, step) : succeeded(scenario, step));
    return this.when(key, after(scenario, step));
  }

  shown(key: string): Run {
    const { state } = this.run(key);
    if (state === undefined) throw new Error(`${key} never started`);
    return describeRun(state);
  }

  types(key: string): string[] {
    return this.run(key).events.map(({ type }) => type);
  }

  dataOf(key: string, type: string): Record<string, unknown> {
    return this.run(key).last(type).data as Record<string, unknown>;
  }

  #newEffects(scenario: RunScenario): readonly Effect[] {
    const from = this.#seen.get(scenario.key) ?? 0;
    this.#seen.set(scenario.key, scenario.events.length);
    const events = scenario.events.slice(from) as readonly RecordedEvent<RunEvent>[];
    return events.flatMap((event) => scenario.actor.effects?.(event, scenario.state) ?? []);
  }
}
