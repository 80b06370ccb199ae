import type { Runtime } from '@interlock/actors';
import {
  type ControlState,
  isLifted,
  nothingStopped,
  type Standing,
  type StoppableCall,
  type Stops,
  stopOf,
} from '@interlock/contracts';

/** How old a look at what is stopped may be when something starts, ms: as in a process of the product. */
export const FRESH_MS = 1_000;
const LOOK_MS_MIN = 200;
const LOOK_MS_MAX = 900;

/** What one process knows of kill switches: it looks now and then, and not while it sleeps. */
export class StopsHere implements Stops {
  #state = nothingStopped;
  #lookedAt = Number.NEGATIVE_INFINITY;
  readonly #changes = new Set<() => void>();
  readonly #lifted = new Set<() => void>();

  /** @param now what is stopped in truth */
  constructor(
    readonly runtime: Runtime,
    readonly now: () => ControlState,
  ) {
    this.#look();
  }

  readonly standing = (call: StoppableCall): Standing => {
    const stop = stopOf(this.#state, call);
    if (stop === undefined) return { kind: this.#isFresh ? 'free' : 'unknown' };
    const { stopId, number, reason } = stop;
    return { kind: 'stopped', by: { stopId, number, reason } };
  };
  readonly isLifted = (number: number): boolean => isLifted(this.#state, number);

  readonly onChange = (listener: () => void): (() => void) => addTo(this.#changes, listener);
  readonly onLifted = (listener: () => void): (() => void) => addTo(this.#lifted, listener);

  get #isFresh(): boolean {
    return this.runtime.clock.now() - this.#lookedAt <= FRESH_MS;
  }

  #look(): void {
    const { clock, scheduler, random } = this.runtime;
    const wasFresh = this.#isFresh;
    const before = this.#state;
    this.#state = this.now();
    this.#lookedAt = clock.now();
    const areLifted = before.stops.some(
      ({ number, lifted }) => lifted === undefined && isLifted(this.#state, number),
    );
    if (areLifted || !wasFresh) tell(this.#changes);
    if (areLifted) tell(this.#lifted);
    scheduler.after(LOOK_MS_MIN + random.next() * (LOOK_MS_MAX - LOOK_MS_MIN), () => this.#look());
  }
}

/** Nobody stops anything. */
export const nothingStops: Surveyed = {
  standing: () => ({ kind: 'free' }),
  isLifted: () => true,
  onChange: () => () => {},
  onLifted: () => () => {},
};

/** What a service is told of stops. */
export type Surveyed = Pick<StopsHere, 'standing' | 'isLifted' | 'onChange' | 'onLifted'>;

function addTo(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tell = (listeners: ReadonlySet<() => void>): void => {
  for (const listener of listeners) listener();
};
