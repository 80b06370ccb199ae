/** A place in a topic that stands between two appends: the next offset, and the last accepted claim and index before it. */
export interface Position {
  readonly offset: number;
  /** Offset of the latest claim seen; -1 before the first, and on plain topics. */
  readonly epoch: number;
  /** Index of the last accepted record of that claim; 0 right behind the claim. */
  readonly index: number;
}

/** Where an input that no accepted cursor has ever named starts. */
export const startingAt = (offset: number): Position => ({ offset, epoch: -1, index: 0 });

export const samePosition = (a: Position, b: Position): boolean =>
  a.offset === b.offset && a.epoch === b.epoch && a.index === b.index;

/** The next position of each input topic. */
export type Cursor = Readonly<Record<string, Position>>;

/** The positions in `cursor` that `before` has not, or has otherwise. */
export const changedSince = (before: Cursor, cursor: Cursor): Cursor =>
  Object.fromEntries(
    Object.entries(cursor).filter(([topic, position]) => {
      const known = before[topic];
      return known === undefined || !samePosition(known, position);
    }),
  );

/** A message of an input topic: one part, from 0, of the record at an offset. */
export interface MessagePlace {
  readonly offset: number;
  readonly part: number;
}

/** A place as a key of a map or a set. */
export const placeKey = ({ offset, part }: MessagePlace): string =>
  part === 0 ? String(offset) : `${offset}.${part}`;

/** An input that an append has dealt with although the cursor has not passed it. */
export interface Released extends MessagePlace {
  readonly topic: string;
}
