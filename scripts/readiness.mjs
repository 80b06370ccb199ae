// Whether a service is ready, as it says itself.
import { plain } from '@interlock/contracts';

const ANSWER_WITHIN_MS = 2_000;
/** Long enough for what is waited for and what to look at. */
const CHARS_MAX = 240;

/**
 * `ready`, or what it waits for.
 * @param {string | undefined} url where it answers for its health; undefined: it does not yet
 * @param {number} withinMs the answer is waited for
 */
export async function readinessAt(url, withinMs = ANSWER_WITHIN_MS) {
  if (url === undefined) return 'starting';
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(withinMs) });
    if (answer.ok) return 'ready';
    const { waitingFor = [], detail } = await answer.json();
    const waits = waitingFor.map((one) => `${one.name}: ${one.for}`).join('; ');
    return plain(`waits for ${waits || detail}`).slice(0, CHARS_MAX);
  } catch {
    return 'does not answer';
  }
}
