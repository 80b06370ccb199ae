import assert from 'node:assert/strict';
import type { RecordedEvent } from '@interlock/actors';
import type { RunEvent } from '@interlock/contracts';

type Event = RecordedEvent & RunEvent;
type RequestedCall = Extract<RunEvent, { type: 'call.requested' }>['data'];

/** What the log alone says of the writes of one run. */
class Writes {
  readonly requests = new Map<string, RequestedCall>();
  /** Hashes of calls and names of children, in the order in which the log says that they happened. */
  readonly happened: string[] = [];
  readonly settled = new Set<string>();
  readonly undone: string[] = [];
  /** The write whose compensation is under way. */
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

const childNamed = (runId: string): string => `child ${runId}`;
const isChild = (name: string): boolean => name.startsWith('child ');

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
    case 'step.resolved':
    case 'call.doubt_resolved':
      if (event.data.happened) writes.add(event.data.callHash);
      return;
    case 'child.ended': {
      const { runId, status, wrote } = event.data;
      if (!wrote) return;
      writes.happened.push(childNamed(runId));
      // What is left of one that did not complete stands.
      if (status !== 'completed') writes.settled.add(childNamed(runId));
      return;
    }
    case 'rollback.started': {
      assert.ok(!writes.isUndoing, 'one rollback');
      writes.isUndoing = true;
      const { writes: calls, children = [] } = event.data;
      const named = [
        ...calls.map(({ callHash }) => callHash),
        ...children.map(({ runId }) => childNamed(runId)),
      ];
      const { pending } = writes;
      const expected = [...pending.filter((name) => !isChild(name)), ...pending.filter(isChild)];
      assert.deepEqual(named, expected, 'everything that happened is to be undone, last first');
      assert.ok(named.length > 0, 'there is something to undo');
      return;
    }
    case 'child.undo_requested':
      assert.ok(writes.current === undefined, 'one is undone at a time');
      writes.current = childNamed(event.data.runId);
      assert.equal(writes.current, writes.pending[0], 'the last that happened is undone first');
      return;
    case 'child.undone': {
      const { runId, failure } = event.data;
      if (failure === undefined) writes.undone.push(childNamed(runId));
      return writes.settle(childNamed(runId));
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
    assert.deepEqual([...namesOf(event.data.undone, event.data.children)].sort(), [...writes.undone].sort());
    assert.deepEqual([...writes.undone].sort(), [...writes.happened].sort(), 'all of it is undone');
  }
  if (event.type === 'run.failed' || event.type === 'run.cancelled') {
    assert.deepEqual(writes.happened, [], 'nothing stands');
  }
  if (event.type === 'run.escalated') {
    const named = namesOf(event.data.standing, event.data.children);
    for (const name of writes.happened) assert.equal(named.has(name), !writes.undone.includes(name));
    if (writes.isUndoing) assert.deepEqual(writes.pending, [], 'the rest was undone');
  }
}

const namesOf = (
  writes: readonly { readonly callHash: string }[],
  children: readonly { readonly runId: string }[] = [],
): Set<string> =>
  new Set([...writes.map(({ callHash }) => callHash), ...children.map(({ runId }) => childNamed(runId))]);
