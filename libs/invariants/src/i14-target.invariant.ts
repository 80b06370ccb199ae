import type { RunEvent } from '@interlock/contracts';
import { groupBy, type Logged, type Reading } from './reading.js';
import type { Invariant, TargetRequest, Violation } from './view.js';

/**
 * I14, at the target: what is undone has happened and is undone once, and a run that says it is rolled back leaves nothing standing
 * but what came to light afterwards and is recorded as such. Targets that do not tell what a request takes back are not asked.
 */
export const undoneAtTarget: Invariant = (reading) => {
  const effects = (reading.view.requests ?? []).filter(
    ({ tookEffect, undoes }) => tookEffect && undoes !== undefined,
  );
  const undoing = effects.flatMap((effect) =>
    typeof effect.undoes === 'string' ? [{ ...effect, undoes: effect.undoes }] : [],
  );
  const undone = groupBy(undoing, ({ undoes }) => undoes);
  return [...undoneOnce(effects, undone), ...nothingStands(reading, effects, undone)];
};

type ByKey = ReadonlyMap<string, readonly TargetRequest[]>;

function undoneOnce(effects: readonly TargetRequest[], undone: ByKey): Violation[] {
  const happened = new Map(effects.map(({ key, at }) => [key, at]));
  return [...undone].flatMap(([key, undoing]) => {
    const write = happened.get(key);
    const problems: string[] = [];
    if (undoing.length > 1) problems.push(`was undone ${undoing.length} times`);
    if (write === undefined || undoing.some(({ at }) => at < write))
      problems.push('was undone, and had not happened');
    return problems.map((problem) => ({ invariant: 'I14', message: `${key.slice(0, 12)} ${problem}` }));
  });
}

function nothingStands({ runs }: Reading, effects: readonly TargetRequest[], undone: ByKey): Violation[] {
  const happened = new Set(effects.map(({ key }) => key));
  return [...runs].flatMap(([run, events]) => {
    if (!events.some(({ type }) => type === 'run.rolled_back')) return [];
    const late = lateOf(events);
    return events.flatMap(({ type, data }) => {
      if (type !== 'call.requested' || data.effect !== 'write' || data.purpose !== 'step') return [];
      const { callHash, step } = data;
      if (!happened.has(callHash) || undone.has(callHash) || late.has(callHash)) return [];
      return [
        { invariant: 'I14', run, message: `rolled back, and the write of ${step} stands at its target` },
      ];
    });
  });
}

const lateOf = (events: readonly Logged<RunEvent>[]): ReadonlySet<string> => {
  const end = events.findIndex(({ type }) => type === 'run.rolled_back');
  const after = events.slice(end + 1);
  return new Set(after.flatMap(({ type, data }) => (type === 'call.late_recorded' ? [data.callHash] : [])));
};
