import { isClaim, open } from '@interlock/log';
import type { StoredLog } from '../../e2e/stored.log.ts';

/** A record of a deposed host that lies behind the claim of its successor. */
export interface Stray {
  readonly partition: number;
  readonly offset: number;
  readonly wire: string;
  /** The claim it names. */
  readonly epoch: number;
  /** The latest claim in front of it. */
  readonly newerClaim: number;
  readonly run?: string;
}

/** The raw partitions, by nothing but offsets and the claims that records name. */
export const straysIn = (log: StoredLog, topic: string): Stray[] =>
  (log.get(topic) ?? []).flatMap((records, partition) => {
    let newerClaim = -1;
    return records.flatMap((record) => {
      const opened = open(record);
      if (opened === undefined) return [];
      const { offset } = record;
      if (isClaim(opened)) newerClaim = offset;
      const { epoch, run } = opened.meta;
      if (isClaim(opened) || epoch >= newerClaim) return [];
      return [{ partition, offset, wire: opened.wires.join(', '), epoch, newerClaim, run }];
    });
  });
