import type { RecordedEvent } from '@interlock/actors';
import { errorText, RunCheckpointed } from '@interlock/contracts';
import { evolve as currentEvolve, type RunState, STATE_VERSION, stateHash } from '@interlock/run';
import type { ExportedRecord } from '../export/parse-line.js';
import { recordedIn } from './recorded.js';

/** How the next state follows; the run actor's own unless a test says otherwise. */
export type Evolve = (
  state: RunState | undefined,
  event: RecordedEvent,
  runId: string,
) => RunState | undefined;

/** An event that today's code may fold differently, and what it makes of it. */
export interface Suspect {
  readonly seq: number;
  readonly type: string;
  /** Parts of the state that it changed just now. */
  readonly changed: readonly string[];
  /** Events of its type came before an earlier checkpoint that agreed. */
  readonly vouched: boolean;
}

/** The first checkpoint that today's code does not arrive at. */
export interface Difference {
  /** Seq of the `run.checkpointed`. */
  readonly checkpoint: number;
  readonly recorded: string;
  readonly folded: string;
  /** The most likely one of `suspects`. */
  readonly event: Suspect;
  /** All events since the last checkpoint that agreed: the fold of one or more of them has changed. */
  readonly suspects: readonly Suspect[];
}

export interface Replay {
  /** differs: see `difference`. broken: see `broken`. not_comparable: nothing differs, but some checkpoints are of another version. */
  readonly result: 'agrees' | 'differs' | 'not_comparable' | 'broken';
  readonly events: number;
  /** Checkpoints that today's code arrives at. */
  readonly agreed: number;
  /** Checkpoints written by another version of the fold: their hashes say nothing to this one. */
  readonly notComparable: readonly { readonly seq: number; readonly stateVersion: number }[];
  readonly stateVersion: number;
  /** Hash of the state at the end, comparable with checkpoints. */
  readonly stateHash?: string;
  readonly difference?: Difference;
  /** The event at which the fold could not go on. */
  readonly broken?: { readonly seq: number; readonly type: string; readonly what: string };
}

/** Folds the events of one run again and compares the state with every checkpoint on the way. */
export class Replayer {
  #state: RunState | undefined;
  #events = 0;
  #agreed = 0;
  #notComparable: { seq: number; stateVersion: number }[] = [];
  #difference: Difference | undefined;
  #broken: Replay['broken'];
  #suspects: Omit<Suspect, 'vouched'>[] = [];
  readonly #vouched = new Set<string>();

  constructor(readonly evolve: Evolve = currentEvolve) {}

  /** The next record of the run. */
  take(record: ExportedRecord): void {
    if (this.#broken !== undefined) return;
    let at = { seq: record.meta.seq, type: record.type };
    try {
      for (const event of recordedIn(record)) {
        at = { seq: event.seq, type: event.type };
        this.#fold(event, record.meta.run);
        this.#events += 1;
      }
    } catch (error) {
      this.#broken = { ...at, what: errorText(error) };
    }
  }

  get state(): RunState | undefined {
    return this.#state;
  }

  result(): Replay {
    return {
      result: this.#result(),
      events: this.#events,
      agreed: this.#agreed,
      notComparable: this.#notComparable,
      stateVersion: STATE_VERSION,
      ...(this.#state && { stateHash: stateHash(this.#state) }),
      ...(this.#difference && { difference: this.#difference }),
      ...(this.#broken && { broken: this.#broken }),
    };
  }

  #result(): Replay['result'] {
    if (this.#difference !== undefined) return 'differs';
    if (this.#broken !== undefined) return 'broken';
    return this.#notComparable.length > 0 ? 'not_comparable' : 'agrees';
  }

  #fold(event: RecordedEvent, run: string): void {
    if (event.type === 'run.checkpointed') this.#compare(event);
    const before = this.#state;
    this.#state = this.evolve(before, event, run);
    this.#suspects.push({ seq: event.seq, type: event.type, changed: changedParts(before, this.#state) });
  }

  /** A checkpoint says what the state was before it. */
  #compare({ seq: checkpoint, data }: RecordedEvent): void {
    const { seq, stateVersion, stateHash: recorded } = RunCheckpointed.schema.parse(data);
    if (stateVersion !== STATE_VERSION) {
      this.#notComparable.push({ seq: checkpoint, stateVersion });
      return;
    }
    if (this.#difference !== undefined) return;
    const folded = this.#state === undefined || this.#state.seq !== seq ? 'no state' : stateHash(this.#state);
    if (folded === recorded) this.#agree();
    else this.#difference = this.#differ(checkpoint, recorded, folded);
  }

  #agree(): void {
    this.#agreed += 1;
    for (const { type } of this.#suspects) this.#vouched.add(type);
    this.#suspects = [];
  }

  #differ(checkpoint: number, recorded: string, folded: string): Difference {
    const suspects = this.#suspects.map((one) => ({ ...one, vouched: this.#vouched.has(one.type) }));
    const unvouched = suspects.find(({ vouched, type }) => !vouched && type !== 'run.checkpointed');
    const event = unvouched ??
      suspects[0] ?? { seq: checkpoint, type: 'run.checkpointed', changed: [], vouched: false };
    return { checkpoint, recorded, folded, event, suspects };
  }
}

/** Names of the parts that are not the same any more; seq and time always move. */
function changedParts(before: RunState | undefined, after: RunState | undefined): string[] {
  if (before === undefined || after === undefined) return before === after ? [] : ['everything'];
  const were = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).flatMap(([part, now]) =>
    part !== 'seq' && part !== 'time' && were.get(part) !== now ? [part] : [],
  );
}
