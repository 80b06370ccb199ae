import { type CallOutcome, type RunEvent, terminalEventTypes } from '@interlock/contracts';
import type { Logged } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I14: what happened is undone in the exact reverse of the order in which the log says that it happened, each write at
 * most once and by a call that happened itself. A rollback ends when nothing is left to undo, rolled back only if all of
 * it is undone; what is not is named.
 */
export const undoneInReverse: Invariant = ({ runs }) =>
  [...runs].flatMap(([run, events]) => {
    const ledger = new Ledger();
    for (const event of events) ledger.take(event);
    return ledger.problems.map((message): Violation => ({ invariant: 'I14', run, message }));
  });

type RequestedCall = Extract<RunEvent, { type: 'call.requested' }>['data'];
type Ending = Extract<
  RunEvent,
  { type: 'run.failed' | 'run.cancelled' | 'run.rolled_back' | 'run.escalated' }
>;
type DataOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>['data'];

const short = (hash: string | undefined): string => hash?.slice(0, 12) ?? 'nothing';

const childKey = (runId: string): string => `child:${runId}`;
const isChild = (key: string): boolean => key.startsWith('child:');
const keysOf = (children: readonly { readonly runId: string }[]) =>
  children.map(({ runId }) => childKey(runId));

/** An output that breaks its contract came from a call that was made all the same. */
const isDone = (outcome: CallOutcome): boolean =>
  outcome.kind === 'succeeded' || (outcome.kind === 'failed' && outcome.failure.class === 'invalid_output');

/** The writes of one run, by what its log says of them. */
class Ledger {
  readonly problems: string[] = [];
  /** By request. */
  readonly #hashes = new Map<string, string>();
  /** The first request of each call. */
  readonly #calls = new Map<string, RequestedCall>();
  /** Every call that happened, writes of steps in their order. */
  readonly #done = new Set<string>();
  readonly #written: string[] = [];
  readonly #settled = new Set<string>();
  readonly #undone: string[] = [];
  /** Whose compensation has happened, whatever it answered, or may have: it is not made once more. */
  readonly #spent = new Set<string>();
  /** The step that was parked last makes a call of which nobody knows. */
  #isInDoubt = false;
  /** A person has let go what undoes it, and did not know whether it had happened. */
  #letGo: string | undefined;
  #undoing: { readonly write: string | undefined; readonly by: string } | undefined;
  #isRollingBack = false;
  #hasEnded = false;

  take(event: Logged<RunEvent>): undefined {
    if (event.type === 'run.undoing') this.#hasEnded = false;
    if (event.type === 'run.reopened') this.#reopened();
    if (this.#hasEnded) return;
    this.#hasEnded = terminalEventTypes.has(event.type);
    switch (event.type) {
      case 'call.requested':
        this.#hashes.set(event.meta.id, event.data.callHash);
        return this.#requestedCall(event.data);
      case 'call.recorded':
        return isDone(event.data.outcome)
          ? this.#happened(this.#hashes.get(event.data.requestId) ?? '')
          : undefined;
      case 'call.doubt_resolved':
        return event.data.happened ? this.#happened(event.data.callHash) : undefined;
      case 'step.resolved':
        return event.data.happened ? this.#happened(event.data.callHash) : undefined;
      case 'call.late_recorded':
        return this.#late(event.data);
      case 'rollback.started':
        return this.#started(event.data);
      case 'child.ended':
        return this.#childEnded(event.data);
      case 'child.undo_requested':
        return this.#childUndoing(event.data);
      case 'child.undone':
        return this.#childUndone(event.data);
      case 'step.compensated':
        return this.#compensated(event.data);
      case 'step.parked':
        this.#isInDoubt = event.data.because === 'in_doubt';
        return;
      case 'step.skipped':
        if (event.data.because === 'operator' && this.#isInDoubt) this.#letGo = this.#undoing?.write;
        return;
      case 'step.compensation_failed':
        if (this.#letGo === event.data.callHash) this.#spent.add(event.data.callHash);
        return this.#settle(event.data.callHash);
      case 'run.failed':
      case 'run.cancelled':
      case 'run.rolled_back':
      case 'run.escalated':
        return this.#ended(event);
    }
  }

  /** It is taken up again: what could not be undone is to be undone, should it have to undo what it did once more. */
  #reopened(): undefined {
    this.#hasEnded = false;
    this.#isRollingBack = false;
    for (const hash of this.#written)
      if (!this.#undone.includes(hash) && !this.#spent.has(hash)) this.#settled.delete(hash);
  }

  /** What is to be undone, in the order of undoing. */
  get #pending(): string[] {
    return this.#written.filter((hash) => !this.#settled.has(hash)).reverse();
  }

  #requestedCall(call: RequestedCall): undefined {
    const { callHash, purpose, step } = call;
    if (!this.#calls.has(callHash)) this.#calls.set(callHash, call);
    if (purpose === 'verify') return;
    if (purpose === 'step') this.#anew(call);
    if ((purpose === 'compensate') !== this.#isRollingBack) {
      this.problems.push(
        `a request to ${purpose} ${step} came ${this.#isRollingBack ? 'in' : 'without'} a rollback`,
      );
    }
    if (purpose !== 'compensate' || this.#undoing?.by === callHash) return;
    const write = this.#pending[0];
    if (this.#undoing !== undefined) this.problems.push(`${step} is undone beside another write`);
    if (write === undefined || this.#calls.get(write)?.step !== step) {
      this.problems.push(`${step} is undone, and it is the turn of ${short(write)}`);
    }
    this.#undoing = { write, by: callHash };
  }

  /** Nobody makes a write a second time that stands, whoever takes its step, a body around it or the run up again. What an agent proposes is told from what it did before. */
  #anew({ callHash, step, effect, agent }: RequestedCall): undefined {
    if (effect !== 'write' || agent !== undefined) return;
    const stands = this.#written.some(
      (hash) => hash !== callHash && this.#calls.get(hash)?.step === step && !this.#undone.includes(hash),
    );
    if (stands) this.problems.push(`${step} is made anew, and what it wrote before stands`);
  }

  #happened(callHash: string): undefined {
    this.#done.add(callHash);
    const call = this.#calls.get(callHash);
    const isWrite = call?.purpose === 'step' && call.effect === 'write';
    if (isWrite && !this.#written.includes(callHash)) this.#written.push(callHash);
  }

  #late({ effect, outcome, callHash }: DataOf<'call.late_recorded'>): undefined {
    if (effect === 'escalates' || (effect === 'answers' && outcome.ok)) this.#happened(callHash);
  }

  /** A child that has completed is undone as one; of another one that wrote, it stands. */
  #childEnded({ runId, status, wrote }: DataOf<'child.ended'>): undefined {
    if (!wrote) return;
    this.#written.push(childKey(runId));
    if (status !== 'completed') this.#settled.add(childKey(runId));
  }

  #childUndoing({ runId, step }: DataOf<'child.undo_requested'>): undefined {
    const [write] = this.#pending;
    if (!this.#isRollingBack || this.#undoing !== undefined)
      this.problems.push(`the child of ${step} is undone beside another write, or without a rollback`);
    if (write !== childKey(runId))
      this.problems.push(`the child of ${step} is undone, and it is the turn of ${short(write)}`);
    this.#undoing = { write: childKey(runId), by: childKey(runId) };
  }

  #childUndone({ runId, failure }: DataOf<'child.undone'>): undefined {
    if (failure === undefined) this.#undone.push(childKey(runId));
    this.#settle(childKey(runId));
  }

  #started({ writes, children = [] }: DataOf<'rollback.started'>): undefined {
    if (this.#isRollingBack) this.problems.push('the rollback started twice');
    this.#isRollingBack = true;
    const named = [...writes.map(({ callHash }) => callHash), ...keysOf(children)];
    const all = this.#pending;
    const due = [...all.filter((key) => !isChild(key)), ...all.filter(isChild)];
    if (named.length === due.length && named.every((hash, place) => hash === due[place])) return;
    this.problems.push(
      `to be undone are ${named.map(short)}, but what happened is, last first, ${due.map(short)}`,
    );
  }

  #compensated({ step, callHash, by }: DataOf<'step.compensated'>): undefined {
    if (this.#undoing?.by !== by || !this.#done.has(by)) {
      this.problems.push(`${step} is said to be undone by ${short(by)}, which did not happen for it`);
    }
    if (this.#undone.includes(callHash)) this.problems.push(`${step} is undone twice`);
    this.#undone.push(callHash);
    this.#settle(callHash);
  }

  #settle(callHash: string): undefined {
    const due = this.#undoing === undefined ? this.#pending[0] : this.#undoing.write;
    if (callHash !== due)
      this.problems.push(`${short(callHash)} was settled, and it was the turn of ${short(due)}`);
    this.#settled.add(callHash);
    if (this.#undoing !== undefined && this.#done.has(this.#undoing.by)) this.#spent.add(callHash);
    this.#undoing = undefined;
  }

  #ended({ type, data }: Ending): undefined {
    if (this.#isRollingBack && this.#pending.length > 0) {
      this.problems.push(`${type} with ${this.#pending.map(short)} neither undone nor given up`);
    }
    const left = this.#written.filter((hash) => !this.#undone.includes(hash));
    const named = new Set(
      type === 'run.escalated'
        ? [...data.standing.map(({ callHash }) => callHash), ...keysOf(data.children ?? [])]
        : [],
    );
    const hidden = left.filter((hash) => !named.has(hash));
    if (hidden.length > 0) this.problems.push(`${type}, but ${hidden.map(short)} stand`);
    const both = this.#undone.filter((hash) => named.has(hash));
    if (both.length > 0) this.problems.push(`${both.map(short)} are said to stand and were undone`);
  }
}
