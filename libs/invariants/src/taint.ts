import type { RunEvent } from '@interlock/contracts';

/** A call as it was requested, and whose models reached it by what was seen to happen. */
export interface TaintedCall {
  readonly event: RequestedCall;
  /** Agent steps. */
  readonly by: ReadonlySet<string>;
  /** Something that people approved lies before it. */
  readonly isBehindPeople: boolean;
}

type RequestedCall = Extract<RunEvent, { type: 'call.requested' }>;
type Happened = RunEvent & { readonly meta: { readonly id: string } };
type Started = Extract<RunEvent, { type: 'run.started' }>['data'];

/** As much of a compiled step as is looked at here. */
interface Step {
  readonly id: string;
  readonly kind: string;
  readonly needs: readonly string[];
  readonly onFailure?: { readonly do: string; readonly step?: string; readonly value?: unknown };
  readonly standsInFor: readonly string[];
  readonly agent?: { readonly facts?: unknown };
  readonly approval?: { readonly question: string; readonly details?: unknown };
}

type Taint = ReadonlySet<string>;
const clean: Taint = new Set();
const all = (taints: readonly Taint[]): Taint => new Set(taints.flatMap((taint) => [...taint]));

/**
 * Follows what models said through one run, event by event, by the text of its steps. The product works backwards from a call, over
 * expressions that it has parsed: this is written apart from it, to be held against it.
 */
export class RunTaint {
  readonly calls: TaintedCall[] = [];
  #steps: ReadonlyMap<string, Step> = new Map();
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

  /** Of the calls, by request. */
  readonly #hashes = new Map<string, string>();

  /** Agent steps of runs above, and of children by the step that started them: as the log says. */
  #inherited: Taint = clean;
  /** In a version that the run has had. */
  #hasAgents = false;
  readonly #lent = new Map<string, Taint>();

  get hasAgents(): boolean {
    return this.#hasAgents || this.#inherited.size + this.#lent.size > 0;
  }

  #started({ compiled, inherited = [] }: Started): void {
    this.#inherited = new Set(inherited.map(({ step }) => step));
    this.#follow(compiled);
  }

  /** What has been seen stays, under the names that it had. */
  #follow(compiled: unknown): void {
    this.#before.clear();
    const { steps = [] } = (compiled ?? {}) as { steps?: readonly Step[] };
    this.#steps = new Map(
      steps.map((step) => {
        const standsInFor = steps.filter(({ onFailure }) => onFailure?.step === step.id).map(({ id }) => id);
        return [step.id, { ...step, standsInFor }];
      }),
    );
    this.#hasAgents ||= [...this.#steps.values()].some(({ kind }) => kind === 'agent');
    for (const id of this.#steps.keys()) this.#before.set(id, this.#endedBefore(id));
  }

  /** What surely has ended, one way or another, when a step starts. */
  #endedBefore(id: string): ReadonlySet<string> {
    const known = this.#before.get(id);
    if (known !== undefined) return known;
    const { needs, standsInFor } = this.#stepAt(id);
    const found = new Set<string>();
    for (const need of needs) for (const other of [need, ...this.#endedBefore(need)]) found.add(other);
    const [first, ...rest] = standsInFor.map((owner) => new Set([owner, ...this.#endedBefore(owner)]));
    for (const shared of first ?? []) if (rest.every((set) => set.has(shared))) found.add(shared);
    return found;
  }

  take(event: Happened): void {
    switch (event.type) {
      case 'run.started':
        this.#started(event.data);
        break;
      case 'run.migrated':
        this.#follow(event.data.compiled);
        break;
      case 'child.ended': {
        const { step, influencedBy = [] } = event.data;
        if (influencedBy.length > 0)
          this.#lent.set(step, new Set(influencedBy.map((mark) => `${step}/${mark.step}`)));
        break;
      }
      case 'plan.recorded':
        if (event.data.purpose !== 'shadow') this.#asked.add(event.data.step);
        break;
      case 'call.requested':
        this.#hashes.set(event.meta.id, event.data.callHash);
        this.#requestedCall(event);
        break;
      case 'call.recorded':
        this.#recorded(event.data);
        break;
      case 'call.late_recorded':
        if (event.data.outcome.ok && event.data.effect === 'answers') this.#happened(event.data);
        break;
      case 'call.doubt_resolved':
        if (event.data.happened) this.#happened(event.data);
        break;
      case 'step.completed':
        this.#completed(event.data);
        break;
      case 'step.skipped':
        this.#ended.set(event.data.step, this.#own(event.data.step));
        break;
      case 'run.reopened': {
        const anew: readonly string[] | undefined = event.data.anew;
        for (const id of [...this.#endorsed, ...this.#approved.keys()]) {
          if (anew?.includes(id) === false) continue;
          this.#endorsed.delete(id);
          this.#approved.delete(id);
        }
        break;
      }
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

  #requestedCall(event: RequestedCall): void {
    const { step, purpose, approvalId, callHash } = event.data;
    const isProposal = this.#steps.get(step)?.kind === 'agent';
    const reached = all([this.#inherited, this.#reaching(step)]);
    const isBehindPeople = [...this.#endedBefore(step)].some((id) => this.#endorsed.has(id));
    this.calls.push({ event, by: isProposal ? all([reached, new Set([step])]) : reached, isBehindPeople });
    if (purpose !== 'step' || isProposal) return;
    this.#endorsed.delete(step);
    this.#approved.delete(step);
    if (approvalId !== undefined) this.#approved.set(step, callHash);
  }

  #recorded({ step, requestId, outcome }: Extract<RunEvent, { type: 'call.recorded' }>['data']): void {
    if (this.#steps.get(step)?.kind === 'agent') {
      if (outcome.kind !== 'refused') this.#acted.add(step);
    } else if (outcome.kind === 'succeeded')
      this.#happened({ step, callHash: this.#hashes.get(requestId) ?? '' });
  }

  /** A run requests the next calls, made from an output, before that has been judged: it counts from here on. */
  #happened({ step, callHash }: { readonly step: string; readonly callHash: string }): void {
    if (this.#approved.get(step) === callHash) this.#endorsed.add(step);
    this.#ended.set(step, this.#endorsed.has(step) ? clean : this.#own(step));
  }

  #completed({ step, via }: Extract<RunEvent, { type: 'step.completed' }>['data']): void {
    if (via === 'agent') this.#acted.add(step);
    if (via === 'approval') this.#endorsed.add(step);
    const fell = this.#failed.get(step);
    if (this.#endorsed.has(step)) this.#ended.set(step, clean);
    else if (fell === undefined) this.#ended.set(step, this.#own(step));
    else if (fell.to === undefined) this.#ended.set(step, all([fell.taint, ...this.#readsOf(step, 'value')]));
    else {
      const isShared = this.#stepAt(fell.to).standsInFor.length > 1;
      this.#ended.set(step, all([this.#passed(fell.to), isShared ? fell.taint : clean]));
    }
  }

  /** What a step passes on that no fallback and no person has had a hand in. */
  #own = (step: string): Taint =>
    all([
      this.#reaching(step),
      this.#acted.has(step) ? new Set([step]) : clean,
      this.#lent.get(step) ?? clean,
    ]);

  /** What others see of a step: a fallback may see the failure it stands in for. */
  #passed = (step: string): Taint => this.#ended.get(step) ?? this.#failed.get(step)?.taint ?? clean;

  #reaching(step: string): Taint {
    const { needs, standsInFor } = this.#stepAt(step);
    const gates = [...this.#endedBefore(step)].filter((id) => this.#endorsed.has(id));
    const isGated = (need: string) => gates.some((gate) => this.#endedBefore(gate).has(need));
    const failed = standsInFor.flatMap((owner) => {
      const fell = this.#failed.get(owner);
      return fell?.to === step ? [fell.taint] : [];
    });
    return all([
      ...needs.filter((need) => !isGated(need)).map(this.#passed),
      ...this.#readsOf(step, 'input'),
      ...(failed.length > 0 ? failed : standsInFor.map(this.#passed)),
    ]);
  }

  /** What reaches a step through its expressions, without what people were shown before. */
  #readsOf(step: string, part: 'input' | 'value'): Taint[] {
    const { onFailure, needs, approval: _, ...rest } = this.#stepAt(step);
    const { agent } = rest;
    const byDefault =
      agent !== undefined && agent.facts === undefined ? needs.map((need) => `${need}.output`) : [];
    const read =
      part === 'value' ? pathsIn(onFailure?.value) : [...pathsIn({ ...rest, approval: _ }), ...byDefault];
    const gates = [...this.#endedBefore(step)].filter((id) => this.#endorsed.has(id));
    const shown = gates.flatMap((gate) => this.#shownBy(gate));
    return read
      .filter((path) => !shown.some((one) => covers(one, path)))
      .map((path) => this.#passed(path.split('.', 1)[0] ?? ''));
  }

  #shownBy(gate: string): string[] {
    const { approval } = this.#stepAt(gate);
    if (approval === undefined) return [];
    const text = JSON.stringify([approval.question, approval.details]);
    return [...text.matchAll(/\$\{\s*steps\.([\w.]+)\s*\}/g)].map(([, path]) => path ?? '');
  }

  #stepAt(id: string): Step {
    return this.#steps.get(id) ?? { id, kind: '', needs: [], standsInFor: [] };
  }
}

/** `s1.output.v` for `steps.s1.output.v` and `steps["s1"].output.v`. */
function pathsIn(part: unknown): string[] {
  const text = JSON.stringify(part) ?? '';
  const plain = [...text.matchAll(/\bsteps\.([\w.]+)/g)].map(([, path]) => path ?? '');
  const quoted = [...text.matchAll(/\bsteps\[(?:\\"|')([\w-]+)(?:\\"|')\]((?:\.\w+)*)/g)];
  return [...plain, ...quoted.map(([, id, path]) => `${id}${path}`)];
}

const covers = (shown: string, read: string): boolean => read === shown || read.startsWith(`${shown}.`);
