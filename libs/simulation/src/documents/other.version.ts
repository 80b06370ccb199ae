// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { oneOf } from '../chosen.js';

type Steps = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Written {
  readonly workflow: string;
  readonly steps: object;
}

/** A second version of a document, and which of its steps are called otherwise in that. */
export interface OtherVersion {
  readonly document: Written & { readonly version: number };
  readonly map: Readonly<Record<string, string>>;
}

/**
 * Writes another version of a drawn document: its steps in another order, some of them new, gone, changed or called otherwise. Like the first it is
 * always right; whether a run may go from one to the other depends on what it has done.
 */
export function otherVersion(document: Written, random: () => number): OtherVersion {
  const happens = (chance: number): boolean => random() < chance;
  let steps = document.steps as Steps;
  const map: Record<string, string> = {};
  if (happens(0.3)) steps = withoutOne(steps, random);
  if (happens(0.3)) steps = withOneChanged(steps, random);
  if (happens(0.4)) {
    const id = oneOf(random, plainIds(steps));
    map[id] = `${id}new`;
    steps = renamed(steps, id, `${id}new`);
  }
  if (happens(0.5)) steps = { first: { wait: { for: '1s' } }, ...steps };
  if (happens(0.4)) {
    const look = { tool: 'desk.look', with: { id: '${input.id}', amount: '${input.amount}' } };
    steps = { ...steps, last: { needs: [oneOf(random, plainIds(steps))], ...look } };
  }
  if (happens(0.15) && 'first' in steps) steps = withNeed(steps, oneOf(random, plainIds(steps)), 'first');
  return { document: { ...document, version: 2, steps: shuffled(steps, random) }, map };
}

const isFallback = (id: string): boolean => id.endsWith('else');
const ofOthers = new Set(['first', 'last']);
/** That nobody falls back to. */
const plainIds = (steps: Steps): string[] =>
  Object.keys(steps).filter((id) => !isFallback(id) && !ofOthers.has(id));

const needsOf = (step: Steps[string] | undefined): readonly string[] =>
  (step?.needs as readonly string[] | undefined) ?? [];

function withoutOne(steps: Steps, random: () => number): Steps {
  const needed = new Set(Object.values(steps).flatMap(needsOf));
  const free = plainIds(steps).filter((id) => !needed.has(id) && !(`${id}else` in steps));
  if (free.length === 0 || plainIds(steps).length < 3) return steps;
  const gone = oneOf(random, free);
  return Object.fromEntries(Object.entries(steps).filter(([id]) => id !== gone));
}

function withOneChanged(steps: Steps, random: () => number): Steps {
  const calling = plainIds(steps).filter((id) => 'tool' in (steps[id] ?? {}));
  if (calling.length === 0) return steps;
  const id = oneOf(random, calling);
  return { ...steps, [id]: { ...steps[id], with: { id: '${input.id}', amount: 30 } } };
}

function renamed(steps: Steps, from: string, to: string): Steps {
  const entries = Object.entries(steps).map(([id, step]) => {
    const needs = needsOf(step).map((need) => (need === from ? to : need));
    const text = JSON.stringify(step).replaceAll(`steps.${from}.`, `steps.${to}.`);
    return [
      id === from ? to : id,
      { ...(JSON.parse(text) as object), ...(needs.length > 0 && { needs }) },
    ] as const;
  });
  return Object.fromEntries(entries);
}

const withNeed = (steps: Steps, id: string, need: string): Steps => ({
  ...steps,
  [id]: { ...steps[id], needs: [...needsOf(steps[id]), need] },
});

const shuffled = (steps: Steps, random: () => number): Steps =>
  Object.fromEntries(
    Object.entries(steps)
      .map((entry) => [random(), entry] as const)
      .sort(([one], [other]) => one - other)
      .map(([, entry]) => entry),
  );
