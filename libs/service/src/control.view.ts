import {
  Catalogue,
  type ControlEvent,
  type ControlState,
  controlLifeEvents,
  foldControl,
  isLifted,
  nothingStopped,
  type Standing,
  StopLifted,
  type StoppableCall,
  type Stops,
  stopOf,
} from '@interlock/contracts';
import { type Accepted, partsOf } from '@interlock/log';
import type { RecordBatch } from './transport.js';

/** What an application waits for after it has asked for a stop, or to lift one. */
export type ControlAnswer = ControlEvent & { readonly commandId: string };

const catalogue = new Catalogue(controlLifeEvents);

/** How old the last look at the end of `control.events` may be when something starts, ms. */
export const CONTROL_FRESH_MS = 1_000;

/**
 * What is stopped, as this process has read it, and since when it is sure of that: the fold of `control.events`.
 *
 *   K1  A call starts only if the end of the log was looked at within the last second, and everything in front of that end is folded.
 *   K2  So a stop is known to whoever starts something a second after it was appended, whatever the network does.
 */
export class ControlView implements Stops {
  #state = nothingStopped;
  #next = 0;
  /** Monotonic, ms: everything appended before that is folded. */
  #sureOf = Number.NEGATIVE_INFINITY;
  /** A look at the end that is not read up to yet. */
  #looked: { readonly end: number; readonly at: number } | undefined;
  readonly #answers = new Set<(answer: ControlAnswer) => void>();
  readonly #changes = new Set<() => void>();
  readonly #lifted = new Set<() => void>();

  /** @param now monotonic, ms */
  constructor(private readonly now: () => number = () => performance.now()) {}

  get state(): ControlState {
    return this.#state;
  }

  /** K1 */
  standing(call: StoppableCall): Standing {
    const stop = stopOf(this.#state, call);
    if (stop !== undefined) {
      const { stopId, number, reason } = stop;
      return { kind: 'stopped', by: { stopId, number, reason } };
    }
    return this.isFresh ? { kind: 'free' } : { kind: 'unknown' };
  }

  get isFresh(): boolean {
    return this.now() - this.#sureOf <= CONTROL_FRESH_MS;
  }

  isLifted(number: number): boolean {
    return isLifted(this.#state, number);
  }

  /** Takes accepted records, in order. */
  take({ accepted, position }: Pick<RecordBatch, 'accepted' | 'position'>): void {
    const types = accepted.flatMap((record) => this.#take(record));
    this.#next = position.offset;
    this.#confirm();
    if (!types.includes(StopLifted.type)) return;
    tell(this.#changes);
    tell(this.#lifted);
  }

  /** The log ended at `end` when somebody asked, at `at`. */
  looked(end: number, at: number): void {
    this.#looked = { end, at };
    this.#confirm();
  }

  /** Calls back for every answer of the registry from now on; returns a function that stops it. */
  onAnswer(listener: (answer: ControlAnswer) => void): () => void {
    this.#answers.add(listener);
    return () => this.#answers.delete(listener);
  }

  /** Calls back when calls may start that might not before; returns a function that stops it. */
  readonly onChange = (listener: () => void): (() => void) => addTo(this.#changes, listener);

  /** Calls back when stops are lifted, and not when this process has only come to be sure again. */
  readonly onLifted = (listener: () => void): (() => void) => addTo(this.#lifted, listener);

  #confirm(): void {
    if (this.#looked === undefined || this.#next < this.#looked.end) return;
    const wasFresh = this.isFresh;
    this.#sureOf = this.#looked.at;
    this.#looked = undefined;
    if (!wasFresh && this.isFresh) tell(this.#changes);
  }

  /** The types of what it tells of stops. */
  #take(accepted: Accepted): string[] {
    if (!accepted.wires.some((wire) => catalogue.knows(wire))) return [];
    return partsOf(accepted, accepted.record.value).flatMap(({ wire, data: found }) => {
      if (!catalogue.knows(wire)) return [];
      const event = catalogue.validData(wire, found);
      this.#state = foldControl(this.#state, event);
      for (const listener of this.#answers) listener({ ...event, commandId: event.data.commandId });
      return [event.type];
    });
  }
}

function addTo(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tell = (listeners: ReadonlySet<() => void>): void => {
  for (const listener of listeners) listener();
};
