import { topics } from '@interlock/contracts';
import { approvalIdPattern } from '@interlock/contracts/http';

type Facts = Readonly<Record<string, unknown>>;

const keyedByRun = new Set(topics.filter(({ scope }) => scope === 'run').map(({ name }) => name));

/** `{ run }` of a record's id, which is `<runId>.<seq>`; nothing of any other text. */
export function runFactOf(recordId: unknown): { run?: string } {
  const [, run] = approvalIdPattern.exec(String(recordId)) ?? [];
  return run === undefined ? {} : { run };
}

/**
 * What a host says of one of its partitions, as it stands in a log line: every line about a run has `run`, so that one search finds
 * them all. A host knows the run as the key of its actor, or by the id of an effect.
 */
export function hostFacts({ key, ...facts }: Facts): Facts {
  const isRun = keyedByRun.has(String(facts.topic));
  if (!isRun) return key === undefined ? facts : { key, ...facts };
  return { ...(key === undefined ? runFactOf(facts.effect) : { run: key }), ...facts };
}
