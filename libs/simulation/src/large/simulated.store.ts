import type { StoredRecord } from '@interlock/broker';
import { sha256 } from '@interlock/contracts';
import type { ProcessUnderTest } from '../simulated-process.js';
import type { VirtualTime } from '../virtual-time.js';

interface Address {
  readonly family: string;
  readonly hash: string;
}

/** What a process has of the store. */
export interface StoreHere {
  put(at: Address, bytes: Uint8Array): Promise<void>;
  get(at: Address): Promise<Uint8Array | undefined>;
}

/** What befalls a request while faults are on, up to the chance that the next one has. */
const FATES = [
  [0.03, 'away'],
  [0.06, 'answer lost'],
  [0.09, 'killed'],
  [0.14, 'lost'],
  [0.19, 'altered'],
] as const;

/** A way to the store and back, ms: longer than most appends take, so that a name that does not wait for it comes first. */
const TRAVEL_MS_MAX = 25;

/** The store of large values: it outlives every process, and is away, slow, or has lost or altered a value now and then. */
export class SimulatedStore {
  readonly #values = new Map<string, Uint8Array>();
  /** Events that name a value which was not durable when they were accepted. */
  readonly defects: string[] = [];
  isFaulty = true;

  constructor(
    readonly time: VirtualTime,
    readonly random: () => number,
    readonly strike: (what: string) => void,
  ) {}

  /** @param kill ends the process */
  here({ process }: ProcessUnderTest, kill: () => void): StoreHere {
    const travel = <T>(arrives: () => { readonly gives: T } | undefined): Promise<T> =>
      new Promise((resolve, reject) => {
        const fate = this.#fate();
        this.time.after(this.random() * TRAVEL_MS_MAX, () => {
          const answer = fate === 'away' ? undefined : arrives();
          if (fate === 'killed') return kill();
          const isTold = answer !== undefined && fate !== 'answer lost';
          this.time.after(this.random() * TRAVEL_MS_MAX, () =>
            process.run(() => (isTold ? resolve(answer.gives) : reject(new Error('503: the store is away')))),
          );
        });
      });
    return {
      put: (at, bytes) =>
        travel(() => {
          this.#values.set(keyOf(at), Uint8Array.from(bytes));
          return { gives: undefined };
        }),
      get: (at) => travel(() => ({ gives: this.#read(at) })),
    };
  }

  /** Every value that an accepted record names lies there already. */
  landed({ key, value, offset }: StoredRecord, topic: string): void {
    const text = value === null ? '' : Buffer.from(value).toString();
    for (const [, hash = ''] of text.matchAll(/Ref":\{"hash":"([0-9a-f]{64})"/g))
      if (!this.#values.has(keyOf({ family: key ?? '', hash })))
        this.defects.push(`${topic}@${offset} names the value ${hash} of ${key}, which was not durable yet`);
  }

  #read(at: Address): Uint8Array | undefined {
    const bytes = this.#values.get(keyOf(at));
    const fate = bytes === undefined ? 'good' : this.#fate();
    if (fate === 'lost') return undefined;
    return fate === 'altered' ? Buffer.from(`{"altered":"${sha256(at.hash)}"}`) : bytes;
  }

  #fate(): string {
    if (!this.isFaulty) return 'good';
    const chance = this.random();
    const fate = FATES.find(([below]) => chance < below)?.[1] ?? 'good';
    if (fate !== 'good') this.strike(`store: ${fate}`);
    return fate;
  }
}

const keyOf = ({ family, hash }: Address): string => `${family}/${hash}`;
