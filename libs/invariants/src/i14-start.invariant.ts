import type { RunEvent } from '@interlock/contracts';
import type { Logged } from './reading.js';
import type { Invariant, Violation } from './view.js';

/** I14, its start: nothing is undone before every arming is answered and every write in doubt is cleared up. */
export const undoneWhenKnown: Invariant = ({ runs }) =>
  [...runs].flatMap(([run, events]) => {
    const place = events.findIndex(({ type }) => type === 'rollback.started');
    if (place < 0) return [];
    const open = openBefore(events.slice(0, place));
    if (open.length === 0) return [];
    const message = `the rollback started while nobody knew what had become of ${open.join(', ')}`;
    return [{ invariant: 'I14', run, message } satisfies Violation];
  });

/** Steps whose arming has no answer, or whose write is in doubt, after these events. */
function openBefore(events: readonly Logged<RunEvent>[]): string[] {
  const armed = new Map<string, Extract<RunEvent, { type: 'call.armed' }>['data']>();
  const inDoubt = new Map<string, string>();
  for (const { type, data, meta } of events) {
    if (type === 'call.armed') armed.set(meta.id, data);
    if (type === 'call.recorded') {
      const isWrite = armed.get(data.armId)?.effect === 'write';
      armed.delete(data.armId);
      if (data.outcome.kind === 'unknown' && isWrite) inDoubt.set(data.callHash, data.step);
      if (data.outcome.kind === 'succeeded') inDoubt.delete(data.callHash);
    }
    if (type === 'verdict.recorded' && data.approval !== undefined) armed.delete(data.armId);
    // A denial ends every arming that needs it.
    if (type === 'verdict.recorded' && data.verdict === 'deny')
      for (const [id, { needs }] of armed) if (needs.includes(data.checkId)) armed.delete(id);
    if (type === 'call.doubt_resolved' || type === 'call.late_recorded') inDoubt.delete(data.callHash);
    if (type === 'step.skipped' || type === 'step.resumed')
      for (const [hash, step] of inDoubt) if (step === data.step) inDoubt.delete(hash);
  }
  return [...new Set([...[...armed.values()].map(({ step }) => step), ...inDoubt.values()])];
}
