import type { RunEvent } from '@interlock/contracts';
import type { RandomWorkflow, Step } from './random.workflow.ts';

/** A call as it was armed, and whose models reached it by what this oracle saw happen. */
export interface TaintedCall {
  readonly event: Extract<RunEvent, { type: 'call.armed' }>;
  readonly by: ReadonlySet<string>;
  /** Something that people approved lies before it. */
  readonly isBehindPeople: boolean;
}

type Taint = ReadonlySet<string>;
const clean: Taint = new Set();
const all = (taints: readonly Taint[]): Taint => new Set(taints.flatMap((taint) => [...taint]));

/**
 * Follows what models said through one run, event by event, by the text of its document: written apart from the product, which works
 * backwards from a call over the compiled workflow.
 */
export class TaintOracle {
  readonly calls: TaintedCall[] = [];
  readonly #steps: ReadonlyMap<string, Step>;
  readonly #tables: ReadonlyMap<string, string>;
  readonly #before = new Map<string, ReadonlySet<string>>();
  /** Of steps that have ended. */
  readonly #ended = new Map<string, Taint>();
  /** Of steps that fell back, when they did. */
  readonly #failed = new Map<string, { readonly taint: Taint; readonly to: string | undefined }>();
  readonly #endorsed = new Set<string>();
  readonly #acted = new Set<string>();
  readonly #asked = new Set<string>();
  /** The call of a step that people approved, while it is open. */
  readonly #approved = new Map<string, string>();

  constructor({ steps, tables }: RandomWorkflow) {
    this.#steps = new Map(steps.map((step) => [step.id, step]));
    this.#tables = new Map(tables.map((table) => [String(table.name), JSON.stringify(table)]));
    for (const { id } of steps) this.#before.set(id, this.#endedBefore(id));
  }

  /** What surely has ended, one way or another, when a step starts. */
  #endedBefore(id: string): ReadonlySet<string> {
    const { needs, standsInFor } = this.#steps.get(id)!;
    const found = new Set<string>();
    for (const need of needs) for (const other of [need, ...this.#endedBefore(need)]) found.add(other);
    const [first, ...rest] = standsInFor.map((owner) => new Set([owner, ...this.#endedBefore(owner)]));
    for (const shared of first ?? []) if (rest.every((set) => set.has(shared))) found.add(shared);
    return found;
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case 'plan.recorded':
        if (event.data.purpose !== 'shadow') this.#asked.add(event.data.step);
        break;
      case 'call.armed':
        this.#armed(event);
        break;
      case 'call.recorded':
        this.#recorded(event.data);
        break;
      case 'step.completed':
        this.#completed(event.data);
        break;
      case 'step.skipped':
        this.#ended.set(event.data.step, this.#own(event.data.step));
        break;
      case 'step.fell_back': {
        const { step, failure, to } = event.data;
        const spent = failure.class === 'budget_exceeded' ? this.#asked : clean;
        this.#endorsed.delete(step);
        this.#failed.set(step, { taint: all([this.#own(step), spent]), to });
        break;
      }
      default:
    }
  }

  #armed(event: Extract<RunEvent, { type: 'call.armed' }>): void {
    const { step, purpose, approvalId, callHash } = event.data;
    const isProposal = this.#steps.get(step)?.kind === 'agent';
    const reached = this.#reaching(step);
    const isBehindPeople = [...this.#before.get(step)!].some((id) => this.#endorsed.has(id));
    this.calls.push({ event, by: isProposal ? all([reached, new Set([step])]) : reached, isBehindPeople });
    if (purpose !== 'step' || isProposal) return;
    this.#endorsed.delete(step);
    this.#approved.delete(step);
    if (approvalId !== undefined) this.#approved.set(step, callHash);
  }

  /** A run arms the next calls on an output before it has been judged: it counts from here on. */
  #recorded({ step, callHash, outcome }: Extract<RunEvent, { type: 'call.recorded' }>['data']): void {
    if (this.#steps.get(step)?.kind === 'agent') {
      if (outcome.kind !== 'refused') this.#acted.add(step);
    } else if (outcome.kind === 'succeeded') {
      if (this.#approved.get(step) === callHash) this.#endorsed.add(step);
      this.#ended.set(step, this.#endorsed.has(step) ? clean : this.#own(step));
    }
  }

  #completed({ step, via }: Extract<RunEvent, { type: 'step.completed' }>['data']): void {
    if (via === 'agent') this.#acted.add(step);
    if (via === 'approval') this.#endorsed.add(step);
    const fell = this.#failed.get(step);
    if (this.#endorsed.has(step)) this.#ended.set(step, clean);
    else if (fell === undefined) this.#ended.set(step, this.#own(step));
    else this.#ended.set(step, fell.to === undefined ? fell.taint : this.#ended.get(fell.to)!);
  }

  /** What a step passes on that no fallback and no person has had a hand in. */
  #own = (step: string): Taint =>
    this.#acted.has(step) ? all([this.#reaching(step), new Set([step])]) : this.#reaching(step);

  #reaching(step: string): Taint {
    const { needs, standsInFor, body } = this.#steps.get(step)!;
    const gates = [...this.#before.get(step)!].filter((id) => this.#endorsed.has(id));
    const isGated = (need: string) => gates.some((gate) => this.#before.get(gate)!.has(need));
    const isShown = (read: string) =>
      gates.some((gate) => this.#shownBy(gate).some((path) => covers(path, read)));
    const failed = standsInFor.filter((owner) => this.#failed.get(owner)?.to === step);
    return all([
      ...needs.filter((need) => !isGated(need)).map((need) => this.#ended.get(need) ?? clean),
      ...this.#readsOf(body)
        .filter((read) => !isShown(read))
        .map((read) => this.#ended.get(read.split('.', 1)[0]!) ?? clean),
      ...(failed.length > 0
        ? failed.map((owner) => this.#failed.get(owner)!.taint)
        : standsInFor.map((owner) => this.#ended.get(owner) ?? clean)),
    ]);
  }

  /** `s1.output.v` for each `steps.s1.output.v`; the rules of its table read what they are given. */
  #readsOf({ onFailure: _, ...body }: Record<string, unknown>): string[] {
    const text = JSON.stringify(body);
    const tables = [...this.#tables].filter(([name]) => text.includes(`"${name}"`)).map(([, table]) => table);
    return [...`${text}${tables.join('')}`.matchAll(/steps\.([\w.]+)/g)].map(([, path]) => path!);
  }

  #shownBy(gate: string): string[] {
    const { kind, body } = this.#steps.get(gate)!;
    if (kind !== 'approval') return [];
    return [...JSON.stringify(body).matchAll(/\$\{steps\.([\w.]+)\}/g)].map(([, path]) => path!);
  }
}

const covers = (shown: string, read: string): boolean => read === shown || read.startsWith(`${shown}.`);
