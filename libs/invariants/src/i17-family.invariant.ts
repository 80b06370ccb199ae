import { type RunEvent, terminalEventTypes } from '@interlock/contracts';
import { endIn } from './ends.js';
import type { Logged, Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I17: a run and those that it starts are one.
 *
 *   a  A child starts once, as its parent has requested it before, with the budget that its parent has reserved.
 *   b  Its parent knows its end, as it was, once; and it does not end before that. Of a detached child it knows the start.
 *   c  What a child says it has used is what it has used, and no more than was reserved.
 *   d  A child of which its parent says that it is undone has undone what it did, after it was told to. It is told once, and once more each
 *      time that its parent is taken up again: what could not be undone may be tried anew.
 *   e  Where everything has ended, no child is open that its parent waits for.
 */
export const familiesHold: Invariant = (reading) => {
  const families = new Families(reading);
  return [...families.unrequested(), ...families.ofParents()];
};

type EventOf<Type extends RunEvent['type']> = Logged<Extract<RunEvent, { type: Type }>>;

class Families {
  /** By the id of the child. */
  readonly #requested = new Map<
    string,
    { readonly parent: string; readonly event: EventOf<'child.requested'> }
  >();

  constructor(readonly reading: Reading) {
    for (const [parent, events] of reading.runs)
      for (const event of events)
        if (event.type === 'child.requested') this.#requested.set(event.data.runId, { parent, event });
  }

  /** a */
  unrequested(): Violation[] {
    return [...this.reading.runs].flatMap(([run, events]) => {
      const [started] = events;
      if (started?.type !== 'run.started' || started.data.parent === undefined) return [];
      const requested = this.#requested.get(run);
      const { parent, budget } = started.data;
      if (requested?.parent !== parent.runId) return violation(run, `was not requested by ${parent.runId}`);
      const { event } = requested;
      return [
        ...(isInFront(event, started) ? [] : violation(run, 'started before it was requested')),
        ...(same(budget, event.data.budget)
          ? []
          : violation(run, 'has another budget than was reserved for it')),
        ...(events.filter(({ type }) => type === 'run.started').length === 1
          ? []
          : violation(run, 'started twice')),
      ];
    });
  }

  ofParents(): Violation[] {
    return [...this.reading.runs].flatMap(([run, events]) => {
      const end = events[endIn(events)];
      return events.flatMap((event) =>
        event.type === 'child.requested' ? this.#child(run, events, end, event) : [],
      );
    });
  }

  /** b to e */
  #child(
    parent: string,
    events: readonly Logged<RunEvent>[],
    parentEnd: Logged<RunEvent> | undefined,
    { data: { runId, step, budget } }: EventOf<'child.requested'>,
  ): Violation[] {
    const own = this.reading.runs.get(runId) ?? [];
    const about = `the child ${runId} of ${step}`;
    const named = <Type extends RunEvent['type']>(type: Type) =>
      events.filter((event): event is EventOf<Type> => event.type === type && fieldRunId(event) === runId);
    if (budget === undefined) {
      const isKnown = named('child.started').length === 1 || parentEnd === undefined;
      return isKnown ? [] : violation(parent, `ended without knowing that ${about} has started`);
    }
    const [known, ...more] = named('child.ended');
    const end = own.find(({ type }) => terminalEventTypes.has(type));
    const isOver = this.reading.view.ended === true || parentEnd !== undefined;
    if (more.length > 0) return violation(parent, `${about} ended twice`);
    if (known === undefined) return isOver ? violation(parent, `the end of ${about} is not known`) : [];
    return [
      ...(end === undefined || !isInFront(end, known)
        ? violation(parent, `${about} ended before it ended`)
        : []),
      ...(end?.type === `run.${known.data.status}`
        ? []
        : violation(parent, `${about} is said to be ${known.data.status}`)),
      ...(parentEnd !== undefined && isInFront(parentEnd, known)
        ? violation(parent, `${about} has outlived it`)
        : []),
      ...this.#used(parent, about, runId, known, budget),
      ...undone(parent, about, events, named('child.undone'), own),
    ];
  }

  /** c */
  #used(
    parent: string,
    about: string,
    runId: string,
    { data: { used } }: EventOf<'child.ended'>,
    budget: EventOf<'child.ended'>['data']['used'],
  ): Violation[] {
    const kinds = ['tokens', 'costUsd', 'steps', 'toolCalls'] as const;
    const over = kinds.filter((kind) => used[kind] > budget[kind] + 1e-9);
    const events = this.reading.runs.get(runId) ?? [];
    const at = events.findIndex(({ type }) => terminalEventTypes.has(type));
    const spent = this.reading.states.get(runId)?.[at]?.spent;
    const isTrue = spent === undefined || (spent.steps === used.steps && spent.toolCalls === used.toolCalls);
    return [
      ...over.flatMap((kind) =>
        violation(parent, `${about} has used ${used[kind]} ${kind} of ${budget[kind]}`),
      ),
      ...(isTrue ? [] : violation(parent, `${about} has used something else than its parent counts`)),
    ];
  }
}

/** d */
function undone(
  parent: string,
  about: string,
  events: readonly Logged<RunEvent>[],
  known: readonly EventOf<'child.undone'>[],
  own: readonly Logged<RunEvent>[],
): Violation[] {
  const undone = known.at(-1);
  if (undone === undefined) return [];
  const { runId } = undone.data;
  const told = own.findIndex(({ type }) => type === 'run.undoing');
  const end = told < 0 ? undefined : own.slice(told).find(({ type }) => terminalEventTypes.has(type));
  const said = undone.data.failure === undefined;
  return [
    ...(isOnceEachTime(events, 'child.undo_requested', runId) && isOnceEachTime(events, 'child.undone', runId)
      ? []
      : violation(parent, `${about} is undone more than once`)),
    ...(said && (end?.type !== 'run.rolled_back' || !isInFront(end, undone))
      ? violation(parent, `${about} is said to be undone, and it is not`)
      : []),
  ];
}

/** Once at most between two times that the run was taken up again. */
function isOnceEachTime(
  events: readonly Logged<RunEvent>[],
  type: 'child.undo_requested' | 'child.undone',
  child: string,
): boolean {
  let times = 0;
  for (const event of events) {
    if (event.type === 'run.reopened') times = 0;
    else if (event.type === type && event.data.runId === child) times += 1;
    if (times > 1) return false;
  }
  return true;
}

const fieldRunId = ({ data }: RunEvent): string | undefined => ('runId' in data ? data.runId : undefined);

const violation = (run: string, message: string): Violation[] => [{ invariant: 'I17', run, message }];

/** Both lie in one partition: that of the root. */
const isInFront = (first: Logged<unknown>, second: Logged<unknown>): boolean =>
  first.partition === second.partition &&
  (first.offset < second.offset || (first.offset === second.offset && first.part < second.part));

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
