import { approvalCommands, runCommands } from '@interlock/contracts';
import { checkInvariants, type TargetRequest, type View, type Violation } from '@interlock/invariants';
import { open } from '@interlock/log';
import type { StoredLog } from './stored.log.ts';

/** Every invariant over the log of a stopped system that had time to finish; `requests`: what recording targets saw. */
export function violationsIn(log: StoredLog, requests?: readonly TargetRequest[]): Violation[] {
  return checkInvariants({ topics: log, requests, commands: commandsIn(log), ended: true });
}

/** Commands and votes that say who they are; what does not is nobody's command. */
function commandsIn(log: StoredLog): NonNullable<View['commands']> {
  const records = [runCommands, approvalCommands].flatMap(({ name }) => (log.get(name) ?? []).flat());
  return records.flatMap((record) => {
    const opened = open(record);
    if (opened?.meta.run === undefined || !Buffer.from(record.value ?? []).includes('"commandId"')) return [];
    const [wire = ''] = opened.wires;
    const type = wire.slice(0, wire.lastIndexOf('/'));
    return [{ commandId: opened.meta.id, type, runId: opened.meta.run }];
  });
}

/** A target that knows keys: the first request under a key takes effect, unless it was refused. */
export function requestsAt(
  tool: string,
  received: readonly { readonly key: string; readonly at: number; readonly isRefused?: boolean }[],
): TargetRequest[] {
  const seen = new Set<string>();
  return received.map(({ key, at, isRefused = false }) => {
    const tookEffect = !isRefused && !seen.has(key);
    if (tookEffect) seen.add(key);
    return { key, tool, kind: 'write', at, tookEffect };
  });
}
