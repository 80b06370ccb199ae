import { type Client, RefusedError, UnreachableError } from './client.js';
import type { ServerEvent } from './server-events.js';

/** Pause between attempts to reach the server again, ms. */
const RETRY_MS = 1_000;
/** After this many attempts in a row that no server took the command gives up. */
const ATTEMPTS_MAX = 60;
/** A server that starts, and what stands in front of one that does not run. */
const AWAY: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Events of a stream behind the id `after`, each once, over as many connections as it takes: for as long as its reader wants more.
 * @throws {UnreachableError} a server that never answered, or one that has stayed away for a minute @throws {RefusedError}
 */
export async function* followedStream(
  client: Client,
  path: string,
  after?: string,
): AsyncGenerator<ServerEvent> {
  let seen = after;
  let failures = 0;
  let hasAnswered = false;
  // Connections in a row that brought nothing: on a quiet log each of them does, and is taken up again all the same.
  let quiet = 0;
  const opened = (): void => {
    hasAnswered = true;
    failures = 0;
  };
  for (;;) {
    try {
      for await (const event of client.events(path, seen, opened)) {
        seen = event.id ?? seen;
        quiet = 0;
        yield event;
      }
    } catch (error) {
      // A server that has answered before may come back; one that never answered is reported at once.
      const isLost = isAway(error) && hasAnswered;
      if (!isLost || failures >= ATTEMPTS_MAX) throw error;
    }
    failures += 1;
    quiet += 1;
    if (quiet > 1) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

const isAway = (error: unknown): boolean =>
  error instanceof UnreachableError || (error instanceof RefusedError && AWAY.has(error.problem.status));
