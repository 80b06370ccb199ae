import type { CodeOf } from '@interlock/contracts';
import { runEvents } from '@interlock/contracts';
import type { DecisionPlace } from './decision.js';

type Place = Pick<DecisionPlace, 'partition' | 'offset' | 'seq'>;

/** What is known of a run is still shown; its events cannot be read any more, because the log has lost them. */
export class EventsGoneError extends Error {
  readonly code = 'read-model.events_gone' satisfies CodeOf<'fault'>;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventsGoneError';
  }

  /** The log begins later, or ends earlier, than where they stood. */
  static trimmed(runId: string, places: readonly Place[], cause: Error): EventsGoneError {
    const from = places[0]?.seq ?? 0;
    return new EventsGoneError(
      `events of run ${runId} from ${from} on are no longer in the log: ${cause.message}`,
      { cause },
    );
  }

  static missing(runId: string, [first]: readonly Place[]): EventsGoneError {
    return new EventsGoneError(
      `event ${first?.seq} of run ${runId} is no longer in the log: nothing is left at ${placeText(first)}`,
    );
  }

  static another(runId: string, place: Place): EventsGoneError {
    return new EventsGoneError(
      `event ${place.seq} of run ${runId} is no longer in the log: another record stands at ${placeText(place)}`,
    );
  }
}

const placeText = (place: Place | undefined): string =>
  `offset ${place?.offset} of ${runEvents.name}/${place?.partition}`;
