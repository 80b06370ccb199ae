import type { RunEvent } from '@interlock/contracts';
import { hashesByRequest, type Logged } from './reading.js';
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
  const hashes = hashesByRequest(events);
  const openRequests = new Map<string, Extract<RunEvent, { type: 'call.requested' }>['data']>();
  const inDoubt = new Map<string, string>();
  /** Calls known to have happened: repeating one under its key cannot bring it into doubt. */
  const happened = new Set<string>();
  for (const { type, data, meta } of events) {
    if (type === 'call.requested') openRequests.set(meta.id, data);
    if (type === 'call.recorded') {
      const isWrite = openRequests.get(data.requestId)?.effect === 'write';
      openRequests.delete(data.requestId);
      const hash = hashes.get(data.requestId) ?? '';
      if (data.outcome.kind === 'succeeded') happened.add(hash);
      if (data.outcome.kind === 'unknown' && isWrite) inDoubt.set(hash, data.step);
    }
    if (type === 'call.doubt_resolved' && data.happened) happened.add(data.callHash);
    for (const hash of happened) inDoubt.delete(hash);
    if (type === 'verdict.recorded' && data.approval !== undefined) openRequests.delete(data.checkId);
    // A denial ends every request that needs it.
    if (type === 'verdict.recorded' && data.verdict === 'deny')
      for (const [id, { needs }] of openRequests)
        if ([...needs, id].includes(data.checkId)) openRequests.delete(id);
    if (type === 'call.doubt_resolved' || type === 'call.late_recorded') inDoubt.delete(data.callHash);
    if (type === 'step.skipped' || type === 'step.resumed')
      for (const [hash, step] of inDoubt) if (step === data.step) inDoubt.delete(hash);
  }
  return [...new Set([...[...openRequests.values()].map(({ step }) => step), ...inDoubt.values()])];
}
