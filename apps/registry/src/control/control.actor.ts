import type { Actor } from '@interlock/actors';
import {
  type ControlEvent,
  ControlRefused,
  type ControlState,
  controlCommands,
  controlLifeEvents,
  foldControl,
  LiftStop,
  type MessageOf,
  nothingStopped,
  StopCalls,
  typesOf,
  VoteOnLift,
} from '@interlock/contracts';
import type { RegistrySettings } from '../registry.state.js';
import { lift } from './lift.js';
import { stop } from './stop.js';

/** One actor, because stops are numbered. */
export const CONTROL_KEY = 'control';

const commands = [StopCalls, LiftStop, VoteOnLift] as const;
type ControlCommand = MessageOf<(typeof commands)[number]>;
const ours: ReadonlySet<string> = new Set(controlLifeEvents.map(({ type }) => type));

/** Keeps the stops, and answers the commands that stop something or lift a stop. */
export function controlActor(
  settings: Pick<RegistrySettings, 'mode'>,
): Actor<ControlState, ControlCommand, ControlEvent> {
  return {
    name: 'control',
    inputs: { [controlCommands.name]: typesOf(...commands) },
    key: () => CONTROL_KEY,
    decide(input, state = nothingStopped, { now }) {
      return { events: input.kind === 'message' ? decide(input.message, state, settings, now) : [] };
    },
    answerFault({ code }, input, _state, { now }) {
      return { events: input.kind === 'message' ? undecided(input.message, code, now) : [] };
    },
    evolve: (state = nothingStopped, event) => (ours.has(event.type) ? foldControl(state, event) : state),
  };
}

/** Answers the sender; the stops stay as they are. */
function undecided({ data }: ControlCommand, code: string, at: number): ControlEvent[] {
  const message = `The registry could not decide on this command (${code}), and nothing has changed.`;
  const { commandId, by } = data;
  return [ControlRefused({ commandId, code: 'not_decided', message, by, at })];
}

function decide(
  { type, data }: ControlCommand,
  state: ControlState,
  settings: Pick<RegistrySettings, 'mode'>,
  now: number,
): ControlEvent[] {
  switch (type) {
    case StopCalls.type:
      return stop(data, state, now);
    case LiftStop.type:
      return lift({ ...data, vote: 'approve' }, state, settings, now);
    case VoteOnLift.type:
      return lift(data, state, settings, now);
  }
}
