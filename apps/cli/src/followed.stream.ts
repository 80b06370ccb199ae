import { type Client, UnreachableError } from './client.js';
import type { ServerEvent } from './server-events.js';

/** Pause between attempts to reach the server again, ms. */
const RETRY_MS = 1_000;
/** After this many attempts in a row without an event the command gives up. */
const ATTEMPTS_MAX = 60;

/**
 * Events of a stream behind the id `after`, each once, over as many connections as it takes: for as long as its reader wants more.
 * @throws {UnreachableError} a server that never answered, or one that has stayed away for a minute
 */
export async function* followedStream(
  client: Client,
  path: string,
  after?: string,
): AsyncGenerator<ServerEvent> {
  let seen = after;
  let failures = 0;
  let hasAnswered = false;
  for (;;) {
    try {
      for await (const event of client.events(path, seen)) {
        seen = event.id ?? seen;
        failures = 0;
        hasAnswered = true;
        yield event;
      }
    } catch (error) {
      // A server that has answered before may come back; one that never answered is reported at once.
      const isLost = error instanceof UnreachableError && hasAnswered;
      if (!isLost || failures >= ATTEMPTS_MAX) throw error;
    }
    failures += 1;
    if (failures > 1) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
