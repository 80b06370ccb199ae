import { randomUUID } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { type Death, type ModuleFile, ModuleProcess } from '@interlock/tools';
import type { CallEffect, CallEnd } from '../call.effect.js';
import {
  type ChildMessage,
  childMessageOf,
  FRAME_BYTES_MAX,
  LOG_LINES_MAX,
  type PoolMessage,
} from './call.messages.js';
import type { ChildLoad, Wanted } from './placement.js';
import type { Accusation } from './suspects.js';

/** How a call in a child came to its end. */
export type Ended =
  | { readonly kind: 'said'; readonly end: CallEnd }
  /** `isCulprit`: this call's code is known to be the cause, or nothing else can be. */
  | { readonly kind: 'died'; readonly death: Death; readonly detail: string; readonly isCulprit: boolean }
  /** The child's loop has not answered for a while; the call may still run there. */
  | { readonly kind: 'held_up' };

export interface ChildEvents {
  ready(): void;
  /** It has one call less, or accepts no more. */
  changed(): void;
  /** These tools were in it when it died, or when its loop stopped answering. */
  accused(toolHashes: readonly string[], of: Accusation): void;
  died(death: Death, detail: string, wasReady: boolean): void;
  log(level: 'log' | 'warn', message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface PoolChildOptions {
  readonly program: URL;
  readonly module: ModuleFile;
  readonly memoryMb: number;
  readonly startMs: number;
  /** Of an output, as JSON. */
  readonly outputBytesMax: number;
}

/** A place that a call has taken in a child, with or without running there yet. */
interface Occupant {
  readonly id: string;
  readonly wanted: Wanted;
  readonly toolHash: string;
  /** False: it is overdue and takes no place any more, but its code may still run. */
  counts: boolean;
  /** Somebody wants to know how it ends. */
  isAwaited: boolean;
  lines: number;
  deadline: number;
  isRead: boolean;
  /** Of the call that runs in it; empty before. */
  requestId: string;
  settle: ((ended: Ended) => void) | undefined;
}

const PING_MS = 250;
/** A loop that has not answered for this long, ms, gets no new calls; once a call is overdue its child is killed. */
const SILENCE_MS = 1_000;
/** With this many overdue calls that have not ended the child gets no new ones. */
const OVERDUE_MAX = 16;

/** One child of a pool: the calls it was given and its answers. An answer to a call that it was not given does not count. */
export class PoolChild {
  readonly #events: ChildEvents;
  readonly #outputBytesMax: number;
  readonly #process: ModuleProcess;
  readonly #occupants = new Map<string, Occupant>();
  readonly #startLimit: NodeJS.Timeout;
  #ping: NodeJS.Timeout | undefined;
  #pinged = 0;
  #answeredAt = Date.now();
  #lookedAt = Date.now();
  #guards = 0;
  #isReady = false;
  #isSilent = false;
  #isLeaving = false;
  #culprit: string | undefined;
  #fault = '';

  constructor(options: PoolChildOptions, events: ChildEvents) {
    this.#events = events;
    this.#outputBytesMax = options.outputBytesMax;
    const { program, module, memoryMb, startMs, outputBytesMax } = options;
    const childMessage = childMessageOf(outputBytesMax);
    this.#process = new ModuleProcess({
      program,
      file: module.file,
      env: module.env,
      memoryMb,
      bytesMax: FRAME_BYTES_MAX + outputBytesMax,
      heard: (message) => this.#hear(childMessage.parse(message)),
      printed: (line) => events.log('log', line, { printed: true }),
      died: (death, detail) => this.#died(death, this.#fault || detail),
    });
    this.#startLimit = setTimeout(
      () => this.#process.kill('silent', `not loaded within ${startMs} ms`),
      startMs,
    );
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get load(): ChildLoad {
    const shared = new Map<string, number>();
    let reserved: ChildLoad['reserved'];
    for (const { wanted, counts } of this.#occupants.values()) {
      if (!counts) continue;
      const { tool, company, isSuspect } = wanted;
      if (company === 'any') shared.set(tool, (shared.get(tool) ?? 0) + 1);
      else reserved = { tool, isSuspect, isSingle: company === 'nobody', calls: (reserved?.calls ?? 0) + 1 };
    }
    return { isReady: this.#isReady, isClosed: this.#isSilent || this.#isLeaving, reserved, shared };
  }

  get isIdle(): boolean {
    return this.#isReady && this.#occupants.size === 0;
  }

  /** Takes a place; the answer is its id. */
  take(wanted: Wanted, toolHash: string): string {
    const id = randomUUID();
    const occupant = {
      id,
      wanted,
      toolHash,
      counts: true,
      isAwaited: true,
      lines: LOG_LINES_MAX,
      deadline: Number.POSITIVE_INFINITY,
    };
    this.#occupants.set(id, { ...occupant, isRead: false, requestId: '', settle: undefined });
    return id;
  }

  /** Runs a call in its place. */
  run(id: string, call: CallEffect, isGuarded: boolean, ended: AbortSignal): Promise<Ended> {
    const occupant = this.#occupants.get(id);
    if (occupant === undefined) return Promise.resolve(notBegun('its child is gone'));
    occupant.deadline = call.deadline;
    occupant.isRead = call.effect === 'read';
    occupant.requestId = call.requestId;
    if (isGuarded) {
      this.#guards += 1;
      this.#process.command({ kind: 'guard', id, deadline: call.deadline });
    }
    this.#send(messageOf(id, call, this.#outputBytesMax, { isGuarded, guards: this.#guards }));
    this.#watch();
    const abort = (): void => this.#send({ kind: 'abort', id });
    if (ended.aborted) abort();
    else ended.addEventListener('abort', abort, { once: true });
    return new Promise<Ended>((resolve) => {
      occupant.settle = resolve;
    }).finally(() => {
      ended.removeEventListener('abort', abort);
      if (isGuarded) this.#process.command({ kind: 'release', id });
    });
  }

  /** The call no longer takes a place. `isAwaited`: its end is still to be reported. */
  discount(id: string, isAwaited: boolean): void {
    const occupant = this.#occupants.get(id);
    if (occupant === undefined) return;
    occupant.counts = false;
    occupant.isAwaited = isAwaited;
    if (occupant.settle === undefined) this.#occupants.delete(id);
    if (this.#left() > OVERDUE_MAX) this.#isLeaving = true;
    this.#leaveIfEmpty();
    this.#events.changed();
  }

  kill(cause: Death, detail = ''): void {
    this.#process.kill(cause, detail);
  }

  #left(): number {
    let left = 0;
    for (const { counts } of this.#occupants.values()) if (!counts) left += 1;
    return left;
  }

  #leaveIfEmpty(): void {
    const isNeeded = [...this.#occupants.values()].some(({ counts, isAwaited }) => counts || isAwaited);
    if (this.#isLeaving && !isNeeded)
      this.kill('dismissed', 'calls in it did not end when they were told to');
  }

  #send(message: PoolMessage): void {
    this.#process.send(message);
  }

  #hear(message: ChildMessage): void {
    switch (message.kind) {
      case 'loaded':
        clearTimeout(this.#startLimit);
        this.#isReady = true;
        this.#events.ready();
        return;
      case 'fault':
        this.#culprit = message.id;
        this.#fault = message.problem.slice(0, 1_000);
        return;
      case 'pong':
        this.#answered();
        return;
      case 'end':
        this.#end(message.id, message.end);
        return;
      case 'log':
      case 'warn':
        this.#log(message);
        return;
    }
  }

  #end(id: string, end: CallEnd): void {
    const occupant = this.#occupants.get(id);
    if (occupant?.settle === undefined) throw new TypeError('an answer to a call that it was not given');
    this.#occupants.delete(id);
    this.#answered();
    occupant.settle({ kind: 'said', end });
    this.#leaveIfEmpty();
    this.#events.changed();
  }

  #log({ kind, id, message, fields }: Extract<ChildMessage, { kind: 'log' | 'warn' }>): void {
    const occupant = this.#occupants.get(id);
    // Code may outlive its call.
    if (occupant === undefined) return;
    occupant.lines -= 1;
    if (occupant.lines < 0) throw new TypeError('more lines for its log than one call may write');
    this.#events.log(kind, message, { ...fields, tool: occupant.wanted.tool, request: occupant.requestId });
  }

  /** Asks for a sign of life as long as anything runs in it. */
  #watch(): void {
    if (this.#ping !== undefined) return;
    this.#answeredAt = Date.now();
    this.#lookedAt = Date.now();
    this.#ping = setInterval(() => this.#look(), PING_MS);
  }

  #look(): void {
    if (this.#occupants.size === 0) {
      clearInterval(this.#ping);
      this.#ping = undefined;
      return;
    }
    const now = Date.now();
    // While this process was suspended it could not hear an answer, so that time does not count.
    this.#answeredAt += Math.max(0, now - this.#lookedAt - 2 * PING_MS);
    this.#lookedAt = now;
    const silentMs = now - this.#answeredAt;
    const overdueSince = Math.min(...[...this.#occupants.values()].map(({ deadline }) => deadline));
    if (silentMs >= SILENCE_MS && !this.#isSilent) this.#fellSilent();
    if (silentMs >= SILENCE_MS && now >= overdueSince + SILENCE_MS) {
      this.kill('silent', `its loop did not answer for ${silentMs} ms`);
      return;
    }
    this.#pinged += 1;
    this.#send({ kind: 'ping', count: this.#pinged });
  }

  #answered(): void {
    this.#answeredAt = Date.now();
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#events.changed();
  }

  /** Reads that it holds up are made elsewhere; a call that is alone in it waits only for itself. */
  #fellSilent(): void {
    this.#isSilent = true;
    yieldTo(this.pid);
    const inside = [...this.#occupants.values()];
    this.#events.accused(
      inside.map(({ toolHash }) => toolHash),
      'harmful',
    );
    for (const occupant of inside) {
      if (occupant.isRead && occupant.wanted.company !== 'nobody') occupant.settle?.({ kind: 'held_up' });
    }
    this.#events.changed();
  }

  #died(death: Death, detail: string): void {
    clearTimeout(this.#startLimit);
    clearInterval(this.#ping);
    const inside = [...this.#occupants.values()];
    this.#occupants.clear();
    this.#isLeaving = true;
    const culprits = inside.filter(({ id }) => id === this.#culprit);
    const suspects = culprits.length > 0 ? culprits : inside;
    if (death !== 'dismissed') {
      const of = death === 'deadline' ? 'late' : 'harmful';
      this.#events.accused(
        suspects.map(({ toolHash }) => toolHash),
        of,
      );
    }
    for (const occupant of inside) {
      const isCulprit = suspects.length === 1 && suspects[0] === occupant;
      occupant.settle?.({ kind: 'died', death, detail, isCulprit });
    }
    this.#events.died(death, detail, this.#isReady);
  }
}

/** So an endless loop does not take the processor from everything else. It stays at the lowest priority: an ordinary user cannot raise it again. */
function yieldTo(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It is gone.
  }
}

const notBegun = (because: string): Ended => ({ kind: 'said', end: { kind: 'not_performed', because } });

function messageOf(
  id: string,
  call: CallEffect,
  outputBytesMax: number,
  guarding: Pick<Extract<PoolMessage, { kind: 'call' }>, 'isGuarded' | 'guards'>,
): PoolMessage {
  const { toolHash, callHash: idempotencyKey, deadline, attempt, verifies } = call;
  return {
    kind: 'call',
    id,
    toolHash,
    arguments: call.arguments,
    idempotencyKey,
    deadline,
    attempt,
    verifies,
    outputBytesMax,
    ...guarding,
  };
}
