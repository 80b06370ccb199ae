// Whether a service is ready, as it says itself.
const ANSWER_WITHIN_MS = 2_000;
const CHARS_MAX = 60;

/**
 * `ready`, or what it waits for.
 * @param {string | undefined} url where it answers for its health; undefined: it does not yet
 */
export async function readinessAt(url) {
  if (url === undefined) return 'starting';
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (answer.ok) return 'ready';
    const { waitingFor = [], detail } = await answer.json();
    const waits = waitingFor.map((one) => `${one.name}: ${one.for}`).join('; ');
    return `waits for ${waits || detail}`.slice(0, CHARS_MAX);
  } catch {
    return 'does not answer';
  }
}
