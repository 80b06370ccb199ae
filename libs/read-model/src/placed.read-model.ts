import { inlineReadModel } from './inline.read-model.js';
import type { ReadModel } from './read-model.js';
import { RedisReadModel } from './redis/redis.read-model.js';
import type { RecordLog } from './run.histories.js';
import type { RunFold } from './run.view.js';
import type { ReadModelPlace } from './thread.protocol.js';

/** The read model of a place, in the calling thread. */
export function placedReadModel<State>(
  place: ReadModelPlace,
  fold: RunFold<State>,
  log: RecordLog,
  report: (error: unknown) => void,
): ReadModel {
  if ('redisUrl' in place) return new RedisReadModel(place.redisUrl, fold, log, report);
  return inlineReadModel(place.path, fold, log, report);
}
