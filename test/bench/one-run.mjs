// One run, started, awaited and read through the HTTP interface.
import { bearer } from './requests.mjs';

const GIVE_UP_MS = 1_200_000;

/** @returns the id of a run that was started once, however often this is called with the key */
export async function started({ url, operator }, key, body) {
  const answer = await fetch(`${url}/v1/runs`, {
    method: 'POST',
    headers: { ...bearer(operator), 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()).runId;
}

/** @param look called every time the run is looked at */
export async function ended(system, runId, look = () => {}) {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    const run = await get(system, `/v1/runs/${runId}`).catch(() => undefined);
    if (run?.endedAt !== undefined) return run;
    if (performance.now() > deadline)
      throw new Error(`run ${runId} has not ended: ${JSON.stringify(run)?.slice(0, 1_000)}`);
    look(run);
    await sleep(50);
  }
}

export async function eventsOf(system, runId) {
  const all = [];
  for (let after = 0; ; ) {
    const { items, next } = await get(
      system,
      `/v1/runs/${runId}/events?limit=10000${after ? `&cursor=${after}` : ''}`,
    );
    all.push(...items);
    if (next === undefined || items.length === 0) return all;
    after = next;
  }
}

export async function get({ url, operator }, path) {
  const answer = await fetch(`${url}${path}`, { headers: bearer(operator) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
