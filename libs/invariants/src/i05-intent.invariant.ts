import { groupBy, isLater, type Reading } from './reading.js';
import type { Invariant, TargetRequest, Violation } from './view.js';

/**
 * I5: a write reaches its target only after its intent is durable, once for each intent; a request has one attempt, and a key
 * takes effect at most once.
 */
export const durableIntent: Invariant = (reading) => [
  ...oneAttempt(reading),
  ...oneRequestAnIntent(reading),
  ...oneEffect(reading.view.requests ?? []),
];

const intentsOf = ({ tools }: Reading) =>
  tools.flatMap((event) => (event.type === 'tool.attempt_started' ? [event] : []));

function oneAttempt(reading: Reading): Violation[] {
  const byRequest = groupBy(intentsOf(reading), ({ data }) => data.requestId);
  return [...byRequest]
    .filter(([, intents]) => intents.length > 1)
    .map(([requestId, intents]) => ({
      invariant: 'I5',
      run: intents[0]?.meta.run,
      message: `${intents.length} attempts for the request ${requestId}`,
    }));
}

function oneRequestAnIntent(reading: Reading): Violation[] {
  const writes = (reading.view.requests ?? []).filter(({ kind }) => kind === 'write');
  const intents = groupBy(intentsOf(reading), ({ data }) => data.callHash);
  const violations: Violation[] = [];
  for (const [key, requests] of groupBy(writes, (request) => request.key)) {
    const mine = intents.get(key) ?? [];
    for (const [place, { at, tool }] of requests.entries()) {
      const durable = mine.filter(({ landedAt }) => !isLater(landedAt, at));
      if (durable.length > place) continue;
      const message = `${tool} was called ${place + 1} times with ${key.slice(0, 12)} by ${at}, with ${durable.length} intents`;
      violations.push({ invariant: 'I5', run: mine[0]?.meta.run, message });
      break;
    }
  }
  return violations;
}

const oneEffect = (requests: readonly TargetRequest[]): Violation[] =>
  [
    ...groupBy(
      requests.filter(({ tookEffect }) => tookEffect),
      ({ key }) => key,
    ),
  ]
    .filter(([, effects]) => effects.length > 1)
    .map(([key, effects]) => ({
      invariant: 'I5',
      message: `${effects[0]?.tool} took effect ${effects.length} times for ${key.slice(0, 12)}`,
    }));
