import assert from 'node:assert/strict';
import type { RecordedEvent } from '@interlock/actors';
import type { RunEvent } from '@interlock/contracts';

type Event = RecordedEvent & RunEvent;
type RequestedCall = Extract<RunEvent, { type: 'call.requested' }>['data'];

/** What the log alone says of the writes of one run. */
class Writes {
  readonly requests = new Map<string, RequestedCall>();
  /** In the order in which the log says that they happened. */
  readonly happened: string[] = [];
  readonly settled = new Set<string>();
  readonly undone: string[] = [];
  /** Hash of the write whose compensation is under way. */
  current: string | undefined;
  isUndoing = false;

  get pending(): string[] {
    return this.happened.filter((hash) => !this.settled.has(hash)).reverse();
  }

  add(callHash: string): void {
    const callRequest = [...this.requests.values()].find((one) => one.callHash === callHash);
    if (callRequest?.purpose !== 'step' || callRequest.effect !== 'write' || this.happened.includes(callHash))
      return;
    this.happened.push(callHash);
  }

  settle(callHash: string): undefined {
    assert.equal(
      callHash,
      this.current ?? this.pending[0],
      'undone in the reverse of the order of happening',
    );
    this.settled.add(callHash);
    this.current = undefined;
  }
}

/** I14: what happened is undone last first, each write at most once; a run is rolled back when all of it is undone. */
export function checkRollback(events: readonly RecordedEvent[]): void {
  const writes = new Writes();
  for (const event of events) follow(writes, event as Event);
}

function follow(writes: Writes, event: Event): undefined {
  switch (event.type) {
    case 'call.requested':
      writes.requests.set(event.id, event.data);
      return requestedCall(writes, event.data);
    case 'call.recorded': {
      const { outcome, requestId } = event.data;
      const isUnusable = outcome.kind === 'failed' && outcome.failure.class === 'invalid_output';
      const made = writes.requests.get(requestId);
      if (made !== undefined && (outcome.kind === 'succeeded' || isUnusable)) writes.add(made.callHash);
      return;
    }
    case 'call.late_recorded': {
      const { effect, outcome, callHash } = event.data;
      if (effect === 'escalates' || (effect === 'answers' && outcome.ok)) writes.add(callHash);
      return;
    }
    case 'call.doubt_resolved':
      if (event.data.happened) writes.add(event.data.callHash);
      return;
    case 'rollback.started': {
      assert.ok(!writes.isUndoing, 'one rollback');
      writes.isUndoing = true;
      const named = event.data.writes.map(({ callHash }) => callHash);
      assert.deepEqual(named, writes.pending, 'everything that happened is to be undone, last first');
      assert.ok(named.length > 0, 'there is something to undo');
      return;
    }
    case 'step.compensated':
      assert.ok(writes.current !== undefined, 'undone by a call');
      writes.undone.push(event.data.callHash);
      return writes.settle(event.data.callHash);
    case 'step.compensation_failed':
      return writes.settle(event.data.callHash);
    default:
      return ended(writes, event);
  }
}

function requestedCall(writes: Writes, { purpose, step }: RequestedCall): undefined {
  if (purpose === 'verify') return;
  assert.equal(purpose === 'compensate', writes.isUndoing, 'a rollback starts when nothing else is open');
  if (purpose !== 'compensate') return;
  writes.current ??= writes.pending[0];
  const of = [...writes.requests.values()].find(({ callHash }) => callHash === writes.current);
  assert.equal(of?.step, step, 'the last that happened is undone first');
}

function ended(writes: Writes, event: Event): undefined {
  if (event.type === 'run.rolled_back') {
    assert.deepEqual(
      event.data.undone.map(({ callHash }) => callHash),
      writes.undone,
    );
    assert.deepEqual([...writes.undone].sort(), [...writes.happened].sort(), 'all of it is undone');
  }
  if (event.type === 'run.failed' || event.type === 'run.cancelled') {
    assert.deepEqual(writes.happened, [], 'nothing stands');
  }
  if (event.type === 'run.escalated') {
    const named = new Set(event.data.standing.map(({ callHash }) => callHash));
    for (const hash of writes.happened) assert.equal(named.has(hash), !writes.undone.includes(hash));
    if (writes.isUndoing) assert.deepEqual(writes.pending, [], 'the rest was undone');
  }
}
