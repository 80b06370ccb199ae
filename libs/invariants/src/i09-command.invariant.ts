import { type RunEvent, terminalEventTypes } from '@interlock/contracts';
import { quarantined } from './quarantined.js';
import type { Logged, Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/** I9: a command is applied once, however often it is delivered, and none is lost. */
export const commandOnce: Invariant = (reading) => [
  ...[...reading.runs].flatMap(([run, events]) => appliedTwice(run, events)),
  ...(reading.view.ended ? lost(reading) : []),
];

const commandOf = (event: Logged<RunEvent>): string | undefined =>
  'commandId' in event.data ? event.data.commandId : undefined;

function appliedTwice(run: string, events: readonly Logged<RunEvent>[]): Violation[] {
  const seen = new Set<string>();
  const violations: Violation[] = [];
  for (const event of events) {
    const commandId = commandOf(event);
    if (commandId === undefined) continue;
    if (seen.has(commandId)) {
      violations.push({
        invariant: 'I9',
        run,
        message: `${commandId} was applied twice, again at seq ${event.meta.seq}`,
      });
    }
    seen.add(commandId);
  }
  return violations;
}

/** A command is answered in its run, set aside in quarantine, or came too late for a run that had ended. */
function lost({ view, runs }: Reading): Violation[] {
  const aside = quarantined(view, 'orchestrator');
  const violations: Violation[] = [];
  for (const { commandId, runId, type } of view.commands ?? []) {
    const events = runs.get(runId);
    if (!type.startsWith('run.')) continue;
    if (aside.has(commandId) || events?.some((event) => commandOf(event) === commandId)) continue;
    if (type !== 'run.start' && events === undefined) continue;
    if (events?.some((event) => terminalEventTypes.has(event.type))) continue;
    violations.push({ invariant: 'I9', run: runId, message: `${type} ${commandId} was never answered` });
  }
  return violations;
}
