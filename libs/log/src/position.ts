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

/** An input that an append has dealt with although the cursor has not passed it. */
export interface Released {
  readonly topic: string;
  readonly offset: number;
}
