import { AuthorityRefusedError } from '@interlock/authority';
import { APPEND_BYTES_MAX, AppendTooLargeError, OutcomeUnknownError } from '@interlock/broker';
import { notReady, Problem, refusedAs, tooLargeInput } from '@interlock/commands';
import { UpgradeNeeded } from '@interlock/projection';
import { EventsGoneError, FilterUnansweredError, ReadModelUnavailableError } from '@interlock/read-model';
import { NoRoomError, NoSealingKeyError } from '@interlock/service';
import { unansweredFilter } from '../runs/run.filter.js';

const NO_ROOM_RETRY_S = 60;
const NO_KEY_RETRY_S = 5;
const UPGRADE_RETRY_S = 60;

/** What an error of the log, the read model, the disk or an identity means to whoever has asked; undefined: it is not one of these. */
export function knownProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof ReadModelUnavailableError)
    return notReady(`Runs cannot be read now: ${error.reason}.`);
  if (error instanceof UpgradeNeeded)
    return notReady(`What comes next needs ${error.message}.`, UPGRADE_RETRY_S);
  if (error instanceof EventsGoneError) return new Problem('gone', sentence(error.message));
  if (error instanceof OutcomeUnknownError)
    return notReady(
      'The log did not answer, so whether this was taken is unknown. With a key, repeating it is safe.',
    );
  if (error instanceof AppendTooLargeError) return tooLargeInput(APPEND_BYTES_MAX);
  if (error instanceof FilterUnansweredError) return unansweredFilter(error);
  if (error instanceof NoRoomError) return new Problem('no-room', error.message, [], NO_ROOM_RETRY_S);
  if (error instanceof NoSealingKeyError) return notReady(error.message, NO_KEY_RETRY_S);
  if (error instanceof AuthorityRefusedError) return refusedAs('not-allowed', error.code, error.message);
  return undefined;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
