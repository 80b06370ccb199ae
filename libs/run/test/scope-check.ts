import assert from 'node:assert/strict';
import type { RecordedEvent } from '@interlock/actors';
import type { RunEvent } from '@interlock/contracts';
import { type CompiledStep, type CompiledWorkflow, everyStepIn } from '@interlock/language';

type Event = RecordedEvent & RunEvent;
type Closed = Extract<RunEvent, { type: 'scope.closed' }>['data'];
type TurnOf = Pick<Closed, 'step' | 'item' | 'pass' | 'branch'>;

/** A turn that is open, as the log says. */
interface Turn {
  readonly owner: string;
  readonly path: string;
  isEnding: boolean;
}

/** What the log says of a step that has a body, since it was begun. */
interface Body {
  readonly items: number;
  /** By item, or by pass. */
  readonly results: Map<number, Closed['outcome']>;
  readonly begun: Set<number>;
  isStopping: boolean;
  failures: number;
}

/** What the log alone says of the turns of one run. */
class Turns {
  readonly definitions: ReadonlyMap<string, CompiledStep>;
  readonly open = new Map<string, Turn>();
  readonly bodies = new Map<string, Body>();
  /** Requests without an answer, with the steps that they are made for and the checks that they wait for besides their own. */
  readonly requests = new Map<string, { readonly step: string; readonly needs: readonly string[] }>();
  readonly undone = new Set<string>();
  isEnding = false;
  isUndoing = false;

  constructor({ steps }: CompiledWorkflow) {
    this.definitions = new Map(everyStepIn(steps).map((step) => [step.id, step]));
  }

  definition(path: string): CompiledStep {
    const definition = this.definitions.get(idOf(path));
    assert.ok(definition !== undefined, `${path} is a step of the document`);
    return definition;
  }

  /** The turns around a step, from the innermost outwards. */
  around(path: string): string[] {
    const found: string[] = [];
    for (let cut = path.lastIndexOf('/'); cut >= 0; cut = path.lastIndexOf('/', cut - 1))
      found.push(path.slice(0, cut));
    return found;
  }

  isEndingAt(path: string): boolean {
    return this.isEnding || this.around(path).some((turn) => this.open.get(turn)?.isEnding === true);
  }

  forget(turn: string): void {
    this.open.delete(turn);
    for (const owner of this.bodies.keys()) if (owner.startsWith(`${turn}/`)) this.bodies.delete(owner);
  }
}

const idOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** How the steps of a turn are called, written down a second time. */
const pathOf = ({ step, item, pass }: TurnOf): string =>
  item !== undefined ? `${step}[${item}]` : pass !== undefined ? `${step}#${pass}` : step;

const numberOf = ({ item, pass, branch }: TurnOf): number => item ?? pass ?? branch ?? 0;

/**
 * Turns begin and end as their document says, one inside of the other; nothing starts in one that ends; and what is over is named no more,
 * but by what undoes it.
 */
export function checkTurns(events: readonly RecordedEvent[]): Turns {
  const [first] = events as readonly Event[];
  assert.ok(first?.type === 'run.started', 'a run begins with its start');
  const turns = new Turns(first.data.compiled as CompiledWorkflow);
  for (const event of events as readonly Event[]) {
    checkNamed(turns, event);
    follow(turns, event);
  }
  return turns;
}

/** What is said of writes and children after the turn in which they stood. A verdict may come after its request was taken back. */
const ofThePast = new Set<RunEvent['type']>([
  'verdict.recorded',
  'call.late_recorded',
  'child.undo_requested',
  'child.undone',
  'step.compensated',
  'step.compensation_failed',
]);

function checkNamed(turns: Turns, event: Event): void {
  if (!('step' in event.data) || typeof event.data.step !== 'string' || event.type.startsWith('run.')) return;
  const { step } = event.data;
  turns.definition(step);
  const isUndone = turns.isUndoing && turns.undone.has(step);
  if (isUndone || ofThePast.has(event.type)) return;
  for (const turn of turns.around(step))
    assert.ok(turns.open.has(turn), `${event.type} names ${step}, and ${turn} is not open`);
}

function follow(turns: Turns, event: Event): undefined {
  switch (event.type) {
    case 'scope.started':
      return started(turns, event.data.step, event.data.items ?? 0);
    case 'scope.opened':
      return opened(turns, event.data);
    case 'scope.stopping':
      return stopping(turns, event.data.step);
    case 'scope.closed':
      return closed(turns, event.data);
    case 'step.failed':
      return failed(turns, event.data.step);
    case 'step.resumed':
    case 'plan.requested':
    case 'child.requested':
      return starts(turns, event);
    case 'call.requested':
      return requested(turns, event);
    case 'call.recorded':
      turns.requests.delete(event.data.requestId);
      return;
    case 'verdict.recorded':
      return judged(turns, event.data);
    case 'run.cancelling':
      turns.isEnding = true;
      return;
    case 'rollback.started':
      turns.isUndoing = true;
      for (const { step } of event.data.writes) turns.undone.add(step);
      return;
    case 'call.late_recorded':
      // It comes to light while the rest is undone, so it is undone next.
      turns.undone.add(event.data.step);
      return;
    default:
      return;
  }
}

/** Nobody answers a request that was denied, or for which people are asked, nor one that waits for a check which was denied. */
function judged(turns: Turns, said: Extract<RunEvent, { type: 'verdict.recorded' }>['data']): undefined {
  const { point, verdict, approval, checkId, requestId = checkId } = said;
  const isAllowed = verdict === 'allow' && approval === undefined;
  if (point === 'before' && !isAllowed) turns.requests.delete(requestId);
  if (verdict === 'allow') return;
  for (const [id, { needs }] of turns.requests) if (needs.includes(checkId)) turns.requests.delete(id);
}

function started(turns: Turns, owner: string, items: number): undefined {
  const before = turns.bodies.get(owner);
  // Items that are done are not done again.
  const done = [...(before?.results ?? [])].filter(([, { kind }]) => kind === 'completed');
  const isForEach = turns.definition(owner).kind === 'forEach';
  const results = new Map(isForEach && before?.items === items ? done : []);
  turns.bodies.set(owner, { items, results, begun: new Set(results.keys()), isStopping: false, failures: 0 });
}

function opened(turns: Turns, turn: TurnOf): undefined {
  const { step: owner } = turn;
  const path = pathOf(turn);
  const number = numberOf(turn);
  const body = turns.bodies.get(owner);
  assert.ok(body !== undefined, `${owner} has started before its turns`);
  assert.ok(!turns.open.has(path), `${path} is opened once`);
  assert.ok(!body.isStopping, `${owner} is stopping`);
  assert.ok(!turns.isEndingAt(owner), `no turn of ${owner} begins in what ends`);
  assert.ok(!body.begun.has(number), `${path} was begun before`);
  const definition = turns.definition(owner);
  const openOfOwner = [...turns.open.values()].filter((other) => other.owner === owner).length;
  const most = definition.kind === 'forEach' ? definition.forEach.concurrency : 1;
  assert.ok(openOfOwner < most, `at most ${most} turns of ${owner} at a time`);
  if (definition.kind === 'forEach') {
    assert.ok(number < body.items, `${path} is an item of the list`);
    for (let item = 0; item < number; item += 1)
      assert.ok(body.begun.has(item), `${path} comes after the items in front of it`);
  }
  if (definition.kind === 'repeat') {
    assert.equal(number, body.begun.size + 1, 'a pass follows the one before');
    assert.ok(number <= definition.repeat.max, `at most ${definition.repeat.max} passes`);
    const last = body.results.get(number - 1);
    assert.ok(number === 1 || (last?.kind === 'completed' && last.done !== true), 'another pass is wanted');
  }
  if (definition.kind === 'switch') assert.equal(body.begun.size, 0, 'one branch is taken');
  body.begun.add(number);
  turns.open.set(path, { owner, path, isEnding: false });
}

function stopping(turns: Turns, owner: string): undefined {
  const body = turns.bodies.get(owner);
  assert.ok(body !== undefined, `${owner} has started before it stops`);
  body.isStopping = true;
  for (const turn of turns.open.values()) if (turn.owner === owner) turn.isEnding = true;
}

function closed(turns: Turns, turn: Closed): undefined {
  const path = pathOf(turn);
  const scope = turns.open.get(path);
  assert.ok(scope !== undefined, `${path} is open before it ends`);
  const body = turns.bodies.get(turn.step);
  assert.ok(body !== undefined, `${turn.step} has started`);
  const inside = [...turns.open.keys()].filter((other) => other.startsWith(`${path}/`));
  assert.deepEqual(inside, [], `nothing in ${path} is open when it ends`);
  const asked = [...turns.requests.values()].filter(({ step }) => step.startsWith(`${path}/`));
  assert.deepEqual(asked, [], `every request in ${path} is answered when it ends`);
  if (turn.outcome.kind === 'completed') assert.ok(!turns.isEndingAt(`${path}/`), `${path} has not failed`);
  else assert.ok(turn.outcome.kind === 'failed' || turns.isEndingAt(`${path}/`), `${path} was stopped`);
  if (turn.outcome.kind === 'failed') body.failures += 1;
  if (turn.outcome.kind !== 'stopped') body.results.set(numberOf(turn), turn.outcome);
  turns.forget(path);
}

function failed(turns: Turns, step: string): undefined {
  const [turn] = turns.around(step);
  if (turn === undefined) turns.isEnding = true;
  const scope = turn === undefined ? undefined : turns.open.get(turn);
  if (scope !== undefined) scope.isEnding = true;
}

function starts(turns: Turns, event: Extract<Event, { data: { step: string } }>): undefined {
  const isAnswer = event.type === 'step.resumed';
  const { step } = event.data;
  if (!isAnswer) assert.ok(!turns.isEndingAt(step), `${event.type}: nothing new starts where ${step} stands`);
}

function requested(turns: Turns, event: Extract<Event, { type: 'call.requested' }>): undefined {
  const { step, purpose, recovery, needs = [] } = event.data;
  if (purpose !== 'compensate' && !turns.isUndoing) turns.requests.set(event.id, { step, needs });
  if (purpose === 'step' && !recovery)
    assert.ok(!turns.isEndingAt(step), `nothing new starts where ${step} stands`);
}

/** What a step that has a body gives: what its turns have given, in their order. */
export function givenBy(turns: Turns, owner: string): unknown {
  const body = turns.bodies.get(owner);
  assert.ok(body !== undefined, `${owner} has started`);
  if (turns.definition(owner).kind !== 'forEach') {
    const last = [...body.results.values()].at(-1);
    return last?.kind === 'completed' ? (last.output ?? null) : null;
  }
  return [...Array(body.items).keys()].map((item) => {
    const result = body.results.get(item);
    assert.ok(result !== undefined && result.kind !== 'stopped', `${owner}[${item}] has ended`);
    return result.kind === 'failed' ? { failure: result.failure } : (result.output ?? null);
  });
}
