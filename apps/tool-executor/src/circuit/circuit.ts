/** What a call has shown of its target. `nothing`: it says neither. */
export type Shown = 'alive' | 'away' | 'nothing';

export interface CircuitNumbers {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** While it is open, at most one call begins in this time, ms. */
  readonly probeMs: number;
}

/** Why calls of a tool are held, for people. Instants are UTC ms. */
export interface OpenCircuit {
  readonly since: number;
  /** In a row. */
  readonly failures: number;
  /** Of the last failure. */
  readonly code: string;
  /** When the next call may ask whether the target is back. */
  readonly nextProbe: number;
}

/**
 * One tool in one process: closed until so many calls in a row have found its target away; then one call at a time asks whether it is back,
 * and the others wait. Whether a target is back only a call can tell, so any of them may be that one.
 *
 *   B1  While it is open, one call begins in each interval, and no more.
 *   B2  It closes with the first call that finds its target alive, whenever that call began.
 *   B3  While nothing good was heard of the target last, no more calls are under way than failures are missing to open it: so a crowd does not ask a
 *       dead target all at once.
 */
export class Circuit {
  #failures = 0;
  #open: { readonly since: number; nextProbe: number } | undefined;
  #code = '';
  /** Who may begin next, and until when it has to. */
  #probe: { readonly requestId: string; readonly until: number } | undefined;

  /** Calls that have their turn. */
  #underWay = 0;
  #isProven = false;

  constructor(private readonly numbers: CircuitNumbers) {}

  /** B3: takes a turn, if there is one; in an open circuit it is asked for at the last moment. */
  takesTurn(): boolean {
    const most = Math.max(1, this.numbers.failures - this.#failures);
    if (this.#open === undefined && !this.#isProven && this.#underWay >= most) return false;
    this.#underWay += 1;
    return true;
  }

  turnIsOver(): undefined {
    this.#underWay -= 1;
  }

  get open(): OpenCircuit | undefined {
    return this.#open && { ...this.#open, failures: this.#failures, code: this.#code };
  }

  /** Whether the call may be started: in an open circuit that is promised to one of them. */
  admits(requestId: string, now: number): boolean {
    if (this.#open === undefined) return true;
    if (this.#isPromised(now)) return this.#probe?.requestId === requestId;
    if (now < this.#open.nextProbe) return false;
    this.#probe = { requestId, until: now + this.numbers.probeMs };
    return true;
  }

  /** When it is worth asking again whether a call may begin; undefined: now. */
  askAgainAt(now: number): number | undefined {
    return this.#isPromised(now) ? this.#probe?.until : this.#open?.nextProbe;
  }

  /** B1: right before the world is touched. */
  begins(requestId: string, now: number): boolean {
    if (this.#open === undefined) return true;
    if (!this.#isPromised(now) || this.#probe?.requestId !== requestId) return false;
    this.#probe = undefined;
    this.#open.nextProbe = now + this.numbers.probeMs;
    return true;
  }

  /** @returns whether it has opened or closed with it */
  ended(shown: Shown, code: string, now: number): boolean {
    if (shown === 'nothing') return false;
    this.#isProven = shown === 'alive';
    if (shown === 'alive') return this.#close();
    this.#failures += 1;
    this.#code = code;
    if (this.#open !== undefined || this.#failures < this.numbers.failures) return false;
    this.#open = { since: now, nextProbe: now + this.numbers.probeMs };
    return true;
  }

  /** B2 */
  #close(): boolean {
    const wasOpen = this.#open !== undefined;
    this.#failures = 0;
    this.#open = undefined;
    this.#probe = undefined;
    return wasOpen;
  }

  #isPromised(now: number): boolean {
    return this.#probe !== undefined && now < this.#probe.until;
  }
}
