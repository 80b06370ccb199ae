import { OwnLog, PartitionInputs, RunningEffects } from '@interlock/actors';
import type { Accepted, Cursor } from '@interlock/log';
import type { PlantedBug } from '@interlock/simulation';

/** Puts `replacement` in the place of a method; answers with what puts the method back. */
function replace<T extends object, K extends keyof T>(
  prototype: T,
  method: K,
  replacement: T[K],
): () => void {
  const original = prototype[method];
  prototype[method] = replacement;
  return () => {
    prototype[method] = original;
  };
}

type Inputs = PartitionInputs<unknown>;
type Own = OwnLog<unknown>;

/** The cursor that a host folds is always the one before the last. */
function laggingCursor(): () => void {
  const newest = new WeakMap<Own, Cursor>();
  const { fold } = OwnLog.prototype as Own;
  return replace(OwnLog.prototype as Own, 'fold', function (this: Own, record: Accepted) {
    const before = newest.get(this) ?? this.cursor;
    fold.call(this, record);
    if (record.meta.cursor === undefined) return;
    newest.set(this, this.cursor);
    this.cursor = before;
  });
}

export const hostBugs: readonly PlantedBug[] = [
  {
    name: 'old-cursor',
    wrong: 'a host that takes over starts from the cursor before the last',
    by: ['I12'],
    patch: laggingCursor,
  },
  {
    name: 'cursor-passes-deferred',
    wrong: 'the cursor passes inputs that are deferred and not in the own log',
    patch: () =>
      replace(PartitionInputs.prototype as Inputs, 'cursor', function (this: Inputs) {
        return Object.fromEntries(this.feeds.map((feed) => [feed.topic, feed.position]));
      }),
  },
  {
    name: 'released-not-named',
    wrong: 'an append does not name the inputs beyond the cursor that it deals with',
    patch: () => {
      const { takeReleased } = PartitionInputs.prototype as Inputs;
      return replace(PartitionInputs.prototype as Inputs, 'takeReleased', function (this: Inputs, cursor) {
        takeReleased.call(this, cursor);
        return [];
      });
    },
  },
  {
    name: 'timers-before-inputs',
    wrong: 'timers fire and effects start before the inputs were read to their end',
    patch: () => replace(PartitionInputs.prototype as Inputs, 'hasDecided', () => true),
  },
  {
    name: 'results-dropped-in-doubt',
    wrong: 'results that no accepted append holds are forgotten after a doubt',
    patch: () => replace(RunningEffects.prototype, 'unrecorded', () => []),
  },
  {
    name: 'deferred-inputs-lost',
    wrong: 'inputs that the own log holds are not given back after a change of host',
    patch: () => replace(OwnLog.prototype as Own, 'defersNow', () => {}),
  },
  {
    name: 'cache-forgets-others',
    wrong: 'a flush of the state cache leaves out what other hosts had decided',
    patch: () => replace(OwnLog.prototype as Own, 'takeFolded', () => []),
  },
];
