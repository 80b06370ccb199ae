import { type RunEvent, stepNameOf } from '@interlock/contracts';
import { stepsOfCompiled } from './compiled.steps.js';

type Closed = Extract<RunEvent, { type: 'scope.closed' }>['data'];
type TurnOf = Pick<Closed, 'step' | 'item' | 'pass' | 'branch'>;
type Step = ReturnType<typeof stepsOfCompiled> extends ReadonlyMap<string, infer S> ? S : never;

/** A turn that is open. */
interface Turn {
  readonly owner: string;
  isEnding: boolean;
}

/** What a step that has a body has done since it was begun. */
interface Body {
  readonly items: number;
  /** By item or by pass. */
  readonly outcomes: Map<number, Closed['outcome']>;
  readonly begun: Set<number>;
  /** Its run was taken up again since. */
  readonly isReopened?: true;
  isStopping: boolean;
}

const pathOf = ({ step, item, pass }: TurnOf): string => {
  if (item !== undefined) return `${step}[${item}]`;
  return pass === undefined ? step : `${step}#${pass}`;
};
const numberOf = ({ item, pass, branch }: TurnOf): number => item ?? pass ?? branch ?? 0;

/** The turns of the bodies of one run, by what its log says of them: written apart from the product, to be held against it. */
export class RunTurns {
  readonly problems: string[] = [];
  readonly #open = new Map<string, Turn>();
  readonly #bodies = new Map<string, Body>();
  #steps: ReadonlyMap<string, Step> = new Map();
  #isEnding = false;

  start(compiled: unknown): undefined {
    this.#steps = stepsOfCompiled(compiled);
  }

  get hasBodies(): boolean {
    return [...this.#steps.keys()].some((name) => name.includes('/'));
  }

  /** The run ends: nothing more starts, whatever turns are open. */
  ending(): undefined {
    this.#isEnding = true;
  }

  /** The run is taken up again after its end. */
  anew(): undefined {
    this.#isEnding = false;
    this.#open.clear();
    // What is done may be kept, or done again where it was undone.
    for (const [owner, body] of this.#bodies)
      if (owner.includes('/')) this.#bodies.delete(owner);
      else this.#bodies.set(owner, { ...body, isReopened: true });
  }

  definition = (path: string): Step | undefined => this.#steps.get(stepNameOf(path));

  /** Paths of the turns around a step, from the innermost outwards. */
  around(path: string): string[] {
    const found: string[] = [];
    for (let cut = path.lastIndexOf('/'); cut >= 0; cut = path.lastIndexOf('/', cut - 1))
      found.push(path.slice(0, cut));
    return found;
  }

  isOpen = (turn: string): boolean => this.#open.has(turn);

  isEndingAt(path: string): boolean {
    return this.#isEnding || this.around(path).some((turn) => this.#open.get(turn)?.isEnding === true);
  }

  /** Items that are done are not done again when a step is taken up once more. */
  started(owner: string, items: number): undefined {
    const before = this.#bodies.get(owner);
    const isAgain =
      before !== undefined && before.items === items && this.definition(owner)?.kind === 'forEach';
    const done = isAgain ? [...before.outcomes].filter(([, { kind }]) => kind === 'completed') : [];
    const outcomes = new Map(done);
    const begun = new Set(before?.isReopened === true ? [] : outcomes.keys());
    this.#bodies.set(owner, { items, outcomes, begun, isStopping: false });
  }

  opened(turn: TurnOf): undefined {
    const { step: owner } = turn;
    const path = pathOf(turn);
    const body = this.#bodies.get(owner);
    if (body === undefined) return this.#problem(`${path} begins before ${owner} has started`);
    if (body.begun.has(numberOf(turn))) this.#problem(`${path} begins a second time`);
    if (body.isStopping || this.isEndingAt(owner))
      this.#problem(`${path} begins where nothing may start any more`);
    this.#fitting(turn, body);
    body.begun.add(numberOf(turn));
    this.#open.set(path, { owner, isEnding: false });
  }

  #fitting(turn: TurnOf, body: Body): void {
    const { step: owner } = turn;
    const path = pathOf(turn);
    const number = numberOf(turn);
    const open = [...this.#open.values()].filter((other) => other.owner === owner).length;
    const definition = this.definition(owner);
    const most = definition?.kind === 'forEach' ? definition.forEach.concurrency : 1;
    if (open >= most) this.#problem(`${path} begins beside ${open} others, and ${most} may be open`);
    if (definition?.kind === 'forEach') {
      const skipped = [...Array(number).keys()].filter(
        (item) => !body.begun.has(item) && !body.outcomes.has(item),
      );
      if (number >= body.items || skipped.length > 0) this.#problem(`${path} begins, and it is not its turn`);
    }
    if (definition?.kind === 'repeat') {
      const last = body.outcomes.get(number - 1);
      const isWanted = number === 1 || (last?.kind === 'completed' && last.done !== true);
      if (number !== body.begun.size + 1 || number > definition.repeat.max || !isWanted)
        this.#problem(`${path} begins, and no other pass is wanted`);
    }
    if (definition?.kind === 'switch' && body.begun.size > 0) this.#problem(`${path} takes a second branch`);
  }

  stopping(owner: string): undefined {
    const body = this.#bodies.get(owner);
    if (body !== undefined) body.isStopping = true;
    for (const turn of this.#open.values()) if (turn.owner === owner) turn.isEnding = true;
  }

  failed(step: string): undefined {
    const [turn] = this.around(step);
    const scope = turn === undefined ? undefined : this.#open.get(turn);
    if (turn === undefined) this.#isEnding = true;
    if (scope !== undefined) scope.isEnding = true;
  }

  /** @param asked steps that somebody has still to answer something about */
  closed(turn: Closed, asked: Iterable<string>): undefined {
    const path = pathOf(turn);
    if (!this.#open.has(path)) return this.#problem(`${path} ends and is not open`);
    const inside = [...this.#open.keys()].filter((other) => other.startsWith(`${path}/`));
    if (inside.length > 0) this.#problem(`${path} ends, and ${inside[0]} in it is open`);
    const open = [...asked].find((step) => step.startsWith(`${path}/`));
    if (open !== undefined) this.#problem(`${path} ends, and a request of ${open} has no answer`);
    const isEnding = this.isEndingAt(`${path}/`);
    if (turn.outcome.kind === 'completed' && isEnding)
      this.#problem(`${path} completes, and a step of it has failed`);
    if (turn.outcome.kind !== 'stopped')
      this.#bodies.get(turn.step)?.outcomes.set(numberOf(turn), turn.outcome);
    this.#open.delete(path);
    for (const owner of this.#bodies.keys()) if (owner.startsWith(`${path}/`)) this.#bodies.delete(owner);
  }

  /** A step says that its turns have given all that it gives. */
  completed(owner: string): undefined {
    const body = this.#bodies.get(owner);
    if (body === undefined) return;
    const open = [...this.#open].find(([, turn]) => turn.owner === owner);
    if (open !== undefined) this.#problem(`${owner} completes, and ${open[0]} is open`);
    const definition = this.definition(owner);
    if (definition?.kind !== 'forEach') return;
    const left = [...Array(body.items).keys()].find((item) => !body.outcomes.has(item));
    if (left !== undefined) this.#problem(`${owner} completes, and its item ${left} is not done`);
    const failed = [...body.outcomes.values()].filter(({ kind }) => kind === 'failed').length;
    const { failAfter } = definition.forEach;
    if (failed > ('items' in failAfter ? failAfter.items : failAfter.share * body.items))
      this.#problem(`${owner} completes, and ${failed} of its items have failed`);
  }

  /** What a step that has a body gives, its turns in their order. */
  givenBy(owner: string): unknown {
    const body = this.#bodies.get(owner);
    const outputOf = (outcome: Closed['outcome'] | undefined): unknown => {
      if (outcome?.kind === 'failed') return { failure: outcome.failure };
      return outcome?.kind === 'completed' ? (outcome.output ?? null) : null;
    };
    if (this.definition(owner)?.kind !== 'forEach')
      return outputOf([...(body?.outcomes.values() ?? [])].at(-1));
    return [...Array(body?.items ?? 0).keys()].map((item) => outputOf(body?.outcomes.get(item)));
  }

  #problem(message: string): undefined {
    this.problems.push(message);
  }
}
