import { type RunEvent, stepNameOf } from '@interlock/contracts';
import { stepsOfCompiled } from './compiled.steps.js';

type Happened = RunEvent & { readonly meta: { readonly id: string } };
type RequestedCall = Extract<RunEvent, { type: 'call.requested' }>;
type Definition = ReturnType<typeof stepsOfCompiled> extends ReadonlyMap<string, infer S> ? S : never;
type Taint = ReadonlySet<string>;

/** A call as it was requested, between what surely reached it and what can have. Agent steps by the names of their documents. */
export interface BoundedCall {
  readonly event: RequestedCall;
  readonly atLeast: Taint;
  readonly atMost: Taint;
}

const clean: Taint = new Set();
const all = (taints: readonly Taint[]): Taint => new Set(taints.flatMap((taint) => [...taint]));

/**
 * Follows what models said through a run whose steps have bodies, turn by turn, as it was seen to happen. The product takes all turns of a
 * loop together and may mark more than really flowed: here stands what it must not leave out, and who it can name at all. Wherever people
 * may have approved something it asks for nothing.
 */
export class BodyTaint {
  readonly calls: BoundedCall[] = [];
  #steps: ReadonlyMap<string, Definition> = new Map();
  /** What steps pass on that have ended, by their paths. */
  readonly #given = new Map<string, Taint>();
  readonly #fellBack = new Map<string, string | undefined>();
  /** Models that have said anything, and those of runs above and below. */
  readonly #heard = new Set<string>();
  #inherited: Taint = clean;
  readonly #lent = new Map<string, Taint>();
  /** The same of every child, also of one whose step was begun anew. */
  #lentByAny: Taint = clean;
  /** People have approved something: what stands before it may count as approved. */
  #isApproved = false;

  take(event: Happened): void {
    switch (event.type) {
      case 'run.started':
        this.#steps = stepsOfCompiled(event.data.compiled);
        this.#inherited = new Set((event.data.inherited ?? []).map(({ step }) => stepNameOf(step)));
        break;
      case 'scope.opened':
        this.#forget(turnOf(event.data));
        break;
      case 'child.ended': {
        const { step, influencedBy = [] } = event.data;
        const lent = influencedBy.map((mark) => stepNameOf(`${step}/${mark.step}`));
        this.#lentByAny = all([this.#lentByAny, new Set(lent)]);
        this.#lent.set(step, new Set(lent));
        break;
      }
      case 'plan.recorded':
        if (event.data.purpose !== 'shadow') this.#heard.add(stepNameOf(event.data.step));
        break;
      case 'call.requested':
        this.#requested(event);
        break;
      case 'step.fell_back':
        this.#fellBack.set(event.data.step, event.data.to);
        break;
      case 'step.completed':
        this.#completed(event.data);
        break;
      case 'step.skipped':
        this.#given.set(
          event.data.step,
          event.data.because === 'operator' ? clean : this.#into(event.data.step),
        );
        break;
      case 'run.reopened':
      case 'step.resumed':
        this.#isApproved = true;
        break;
      default:
    }
  }

  /** A turn that is begun once more begins with nothing. */
  #forget(turn: string): void {
    for (const path of [...this.#given.keys(), ...this.#fellBack.keys()])
      if (path.startsWith(`${turn}/`)) {
        this.#given.delete(path);
        this.#fellBack.delete(path);
      }
  }

  #requested(event: RequestedCall): void {
    const { step, purpose, approvalId } = event.data;
    if (approvalId !== undefined) this.#isApproved = true;
    if (purpose !== 'step') return;
    const own = this.#steps.get(stepNameOf(step))?.kind === 'agent' ? [stepNameOf(step)] : [];
    this.calls.push({
      event,
      atLeast: all([this.#inherited, this.#into(step), new Set(own)]),
      atMost: all([this.#inherited, this.#heard, this.#lentByAny, new Set(own)]),
    });
  }

  #completed({ step, via }: Extract<RunEvent, { type: 'step.completed' }>['data']): void {
    if (via === 'approval') this.#isApproved = true;
    if (this.#fellBack.has(step)) {
      const to = this.#fellBack.get(step);
      this.#given.set(
        step,
        to === undefined ? clean : (this.#given.get(`${turnAround(step)}${to}`) ?? clean),
      );
      return;
    }
    const own = via === 'agent' ? new Set([stepNameOf(step)]) : clean;
    this.#given.set(step, all([this.#into(step), own, this.#lent.get(step) ?? clean]));
  }

  /** What surely led to the step: what it needs, what it reads, and what led to the steps around it. */
  #into(path: string): Taint {
    if (this.#isApproved) return clean;
    const definition = this.#steps.get(stepNameOf(path));
    if (definition === undefined) return clean;
    const around = turnAround(path);
    const { needs = [] } = definition as { readonly needs?: readonly string[] };
    const owner = ownerOf(path);
    return all([
      ...needs.map((need) => this.#given.get(`${around}${need}`) ?? clean),
      ...readsOf(definition).map((id) => this.#seenFrom(around, id)),
      owner === undefined ? clean : this.#into(owner),
    ]);
  }

  /** A name in an expression is that of a step beside it, or else of one beside a step around it. */
  #seenFrom(around: string, id: string): Taint {
    const given = this.#given.get(`${around}${id}`);
    if (given !== undefined || around === '') return given ?? clean;
    const owner = around.slice(0, -1);
    return this.#seenFrom(turnAround(owner), id);
  }
}

const turnAround = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** The step in whose body this one stands. */
function ownerOf(path: string): string | undefined {
  const around = turnAround(path);
  return around === '' ? undefined : around.slice(0, -1).replace(/(\[\d+\]|#\d+)$/, '');
}

function turnOf({ step, item, pass }: Extract<RunEvent, { type: 'scope.opened' }>['data']): string {
  if (item !== undefined) return `${step}[${item}]`;
  return pass === undefined ? step : `${step}#${pass}`;
}

/** What speaks of steps inside of it, or stands in for it. */
const notItsOwn = new Set(['body', 'branches', 'output', 'repeat', 'onFailure']);

/** Steps that its own expressions name. */
function readsOf(definition: Definition): string[] {
  const own = Object.entries(definition).filter(([name]) => !notItsOwn.has(name));
  return [...JSON.stringify(own).matchAll(/\bsteps\.(\w+)/g)].map(([, id]) => id ?? '');
}
