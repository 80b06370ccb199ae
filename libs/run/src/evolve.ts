import type { RecordedEvent } from '@interlock/actors';
import type { RunEvent } from '@interlock/contracts';
import { conversationEvents } from './agent/conversation.evolve.js';
import { agentEvents } from './agent/evolve.js';
import { approvalEvents } from './approval/evolve.js';
import { callEvents } from './call/evolve.js';
import { erasureEvents } from './erasure/evolve.js';
import type { EventOf, EventType, EvolveBy, Folding } from './evolving.js';
import { influenced } from './influence.js';
import { ladderEvents } from './ladder/evolve.js';
import { forOf, ledgerAt } from './ledgers.js';
import { endEvents } from './life/end.evolve.js';
import { lifeEvents, started } from './life/evolve.js';
import { reopenEvents } from './life/reopen.evolve.js';
import { migrationEvents } from './migration/evolve.js';
import { rollbackEvents } from './rollback/evolve.js';
import { slaEvents } from './sla/evolve.js';
import type { RunState } from './state.js';
import { stepEvents } from './step/evolve.js';
import { kindEvents } from './step/index.js';
import { withKeptBytes } from './values/kept.bytes.js';
import { verdictEvents } from './verdicts.evolve.js';

/** Every noun folds its own events. An event that none of them knows does not compile. */
const events: EvolveBy<EventType> = {
  ...lifeEvents,
  ...endEvents,
  ...reopenEvents,
  ...stepEvents,
  ...kindEvents,
  ...callEvents,
  ...verdictEvents,
  ...approvalEvents,
  ...agentEvents,
  ...conversationEvents,
  ...rollbackEvents,
  ...slaEvents,
  ...ladderEvents,
  ...migrationEvents,
  ...erasureEvents,
};

export interface EvolveOptions {
  /** Keep steps and outputs of a run that has ended: for readers who show it. */
  readonly keepFinished?: boolean;
}

/** The state once `event` has happened. Total for every log that this actor wrote. */
export function evolve(
  state: RunState | undefined,
  recorded: RecordedEvent,
  key: string,
  { keepFinished = false }: EvolveOptions = {},
): RunState | undefined {
  const event = recorded as RecordedEvent<RunEvent>;
  if (event.type === 'run.started') return started(key, event.data, recorded);
  if (state === undefined) return undefined;
  const at = { ...state, seq: recorded.seq, time: recorded.time };
  const commandId = 'commandId' in event.data ? event.data.commandId : undefined;
  const answered =
    commandId === undefined || state.commands.includes(commandId)
      ? at
      : { ...at, commands: [...state.commands, commandId] };
  const before = withKeptBytes(influenced(answered, event, recorded.id), event);
  return apply(before, event, { ledgerAt, forOf, keepFinished });
}

const apply = <Type extends EventType>(
  state: RunState,
  { type, data }: EventOf<Type>,
  folding: Folding,
): RunState => events[type](state, data, folding);
