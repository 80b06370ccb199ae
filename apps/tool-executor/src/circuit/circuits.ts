import type { Cancel, Scheduler } from '@interlock/actors';
import type { Clock } from '@interlock/contracts';
import type { CallEnd } from '../call.effect.js';
import { Circuit, type CircuitNumbers, type OpenCircuit } from './circuit.js';
import { codeOf, shownBy } from './shown.js';

/** A call, as far as it matters here. */
export interface CircuitCall {
  readonly requestId: string;
  readonly tool: string;
  readonly toolHash: string;
}

/** An open circuit of a tool. */
export interface CircuitView extends OpenCircuit {
  readonly tool: string;
  readonly toolHash: string;
}

/** A circuit that has opened, or one that has closed. */
export type CircuitChange = CircuitView | Pick<CircuitView, 'tool' | 'toolHash'>;

/** Keeps calls from a target that is away. */
export interface Circuits {
  /** What holds the call back, for people; undefined: nothing does, or it is the one that may ask whether its target is back. */
  holds(call: CircuitCall): string | undefined;
  /**
   * Waits until it is the call's turn, a second at most: meanwhile the calls before it say whether the target is there. Answers with what ends the
   * turn; undefined when `ended` aborts first.
   */
  turn(call: CircuitCall, ended: AbortSignal): Promise<(() => void) | undefined>;
  /** The same right before the world is touched. */
  holdsAtLast(call: CircuitCall): string | undefined;
  /** How the call has ended that had begun. */
  ended(call: CircuitCall, end: CallEnd): void;
}

/** Nothing is held. */
export const noCircuits: Circuits = {
  holds: () => undefined,
  turn: async () => () => undefined,
  holdsAtLast: () => undefined,
  ended: () => undefined,
};

interface Options extends CircuitNumbers {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A circuit has opened or closed. */
  readonly changed?: (circuit: CircuitChange) => void;
}

/** The circuits of all tools of this process. They live as long as it does: a new process asks each target anew. */
export class ProcessCircuits implements Circuits {
  readonly #options: Options;
  readonly #circuits = new Map<string, Circuit>();
  readonly #listeners = new Set<() => void>();
  readonly #alarms = new Map<string, Cancel>();
  /** Calls that wait for their turn, by tool. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(options: Options) {
    this.#options = options;
  }

  holds(call: CircuitCall): string | undefined {
    const circuit = this.#of(call);
    if (circuit.admits(call.requestId, this.#options.clock.now())) return undefined;
    return this.#told(call, circuit);
  }

  turn(call: CircuitCall, ended: AbortSignal): Promise<(() => void) | undefined> {
    const circuit = this.#of(call);
    const over = (): void => {
      circuit.turnIsOver();
      this.#heard(call.toolHash);
    };
    if (ended.aborted) return Promise.resolve(undefined);
    if (circuit.takesTurn()) return Promise.resolve(over);
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(call.toolHash) ?? new Set();
      this.#waiting.set(call.toolHash, waiting);
      const leave = (answer: (() => void) | undefined): void => {
        waiting.delete(ask);
        cancel();
        ended.removeEventListener('abort', gone);
        resolve(answer);
      };
      const gone = (): void => leave(undefined);
      const ask = (): void => {
        if (circuit.takesTurn()) leave(over);
      };
      const cancel = this.#options.scheduler.after(TURN_MS, () => leave(() => undefined));
      waiting.add(ask);
      ended.addEventListener('abort', gone, { once: true });
    });
  }

  holdsAtLast(call: CircuitCall): string | undefined {
    const circuit = this.#of(call);
    if (circuit.begins(call.requestId, this.#options.clock.now())) return undefined;
    return this.#told(call, circuit);
  }

  ended(call: CircuitCall, end: CallEnd): void {
    const { clock, changed } = this.#options;
    const circuit = this.#of(call);
    const { tool, toolHash } = call;
    const hasTurned = circuit.ended(shownBy(end), codeOf(end), clock.now());
    this.#heard(toolHash);
    if (!hasTurned) return;
    const { open } = circuit;
    changed?.({ tool, toolHash, ...open });
    if (open === undefined) this.#tell(toolHash);
  }

  /** Calls back when calls that are held should be asked again. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop(): void {
    for (const cancel of this.#alarms.values()) cancel();
    this.#alarms.clear();
  }

  /** Something was heard of the target, or a call is over: whoever waits for a turn asks again. */
  #heard(toolHash: string): void {
    for (const ask of [...(this.#waiting.get(toolHash) ?? [])]) ask();
  }

  #told({ tool, toolHash }: CircuitCall, circuit: Circuit): string | undefined {
    const { open } = circuit;
    if (open === undefined) return undefined;
    const { clock, probeMs } = this.#options;
    this.#wakeAt(toolHash, circuit.askAgainAt(clock.now()) ?? clock.now());
    return `the target of ${tool} to come back: ${open.failures} calls in a row have failed (${open.code}); one call in ${probeMs} ms asks whether it is back`;
  }

  /** Somebody waits: when the next may ask, all are asked whether they want to, and the first one does. */
  #wakeAt(toolHash: string, at: number): void {
    if (this.#alarms.has(toolHash)) return;
    const { clock, scheduler } = this.#options;
    const delay = Math.max(LEAST_WAKE_MS, at - clock.now());
    this.#alarms.set(
      toolHash,
      scheduler.after(delay, () => this.#tell(toolHash)),
    );
  }

  #tell(toolHash: string): void {
    this.#alarms.get(toolHash)?.();
    this.#alarms.delete(toolHash);
    for (const listener of this.#listeners) listener();
  }

  #of({ toolHash }: CircuitCall): Circuit {
    const known = this.#circuits.get(toolHash);
    if (known !== undefined) return known;
    const circuit = new Circuit(this.#options);
    this.#circuits.set(toolHash, circuit);
    return circuit;
  }
}

/** Nothing heard for so long is no reason to wait: some calls take long. */
const TURN_MS = 1_000;

/** Between two rounds of asking. */
const LEAST_WAKE_MS = 50;
