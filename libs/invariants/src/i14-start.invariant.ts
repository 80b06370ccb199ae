import type { RunEvent } from '@interlock/contracts';
import type { Logged } from './reading.js';
import type { Invariant, Violation } from './view.js';

/** I14, its start: nothing is undone before every request is answered and every write in doubt is cleared up. */
export const undoneWhenKnown: Invariant = ({ runs }) =>
  [...runs].flatMap(([run, events]) => {
    const place = events.findIndex(({ type }) => type === 'rollback.started');
    if (place < 0) return [];
    const open = openBefore(events.slice(0, place));
    if (open.length === 0) return [];
    const message = `the rollback started while nobody knew what had become of ${open.join(', ')}`;
    return [{ invariant: 'I14', run, message } satisfies Violation];
  });

/** Steps whose request has no answer, or whose write is in doubt, after these events. */
function openBefore(events: readonly Logged<RunEvent>[]): string[] {
  const requestedCall = new Map<string, Extract<RunEvent, { type: 'call.requested' }>['data']>();
  const inDoubt = new Map<string, string>();
  /** A repetition under the key of a write that happened can put nothing in doubt. */
  const happened = new Set<string>();
  for (const { type, data, meta } of events) {
    if (type === 'call.requested') requestedCall.set(meta.id, data);
    if (type === 'call.recorded') {
      const isWrite = requestedCall.get(data.requestId)?.effect === 'write';
      requestedCall.delete(data.requestId);
      if (data.outcome.kind === 'succeeded') happened.add(data.callHash);
      if (data.outcome.kind === 'unknown' && isWrite) inDoubt.set(data.callHash, data.step);
    }
    if (type === 'call.doubt_resolved' && data.happened) happened.add(data.callHash);
    for (const hash of happened) inDoubt.delete(hash);
    if (type === 'verdict.recorded' && data.approval !== undefined) requestedCall.delete(data.requestId);
    // A denial ends every request that needs it.
    if (type === 'verdict.recorded' && data.verdict === 'deny')
      for (const [id, { needs }] of requestedCall) if (needs.includes(data.checkId)) requestedCall.delete(id);
    if (type === 'call.doubt_resolved' || type === 'call.late_recorded') inDoubt.delete(data.callHash);
    if (type === 'step.skipped' || type === 'step.resumed')
      for (const [hash, step] of inDoubt) if (step === data.step) inDoubt.delete(hash);
  }
  return [...new Set([...[...requestedCall.values()].map(({ step }) => step), ...inDoubt.values()])];
}
