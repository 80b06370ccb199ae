import type { NewRecord, StoredRecord } from '@interlock/broker';
import { HostClaimed, HostProgress, runEvents } from '@interlock/contracts';
import { type Accepted, FencedReader, GENESIS, isClaim, type Meta, recordValue, seal } from '@interlock/log';

/** Writes one partition of `run.events` as an orchestrator does, and as one that was deposed still may. */
export class RunLog {
  #end = 0;
  #epoch = -1;
  #index = 0;
  #before = { epoch: -1, index: 0 };
  #clock = 1_760_000_000_000;
  readonly #runs = new Map<string, { seq: number; hash: Uint8Array }>();
  readonly #late: NewRecord[][] = [];

  constructor(private readonly land: (records: readonly NewRecord[]) => void) {}

  claim(): void {
    this.#before = { epoch: this.#epoch, index: this.#index };
    const data = HostClaimed({ claimId: `claim-${this.#end}`, host: 'orchestrator-1', versions: [] }).data;
    const meta = { id: `claim-${this.#end}`, epoch: -1, index: 0, time: this.#clock };
    this.#epoch = this.#end;
    this.#index = 0;
    this.#write([this.#sealed('host', HostClaimed.wire, meta, data, GENESIS).record]);
    this.progress();
  }

  progress(): void {
    this.#write([this.#ours('host', HostProgress.wire, {}, undefined, GENESIS, true).record]);
  }

  /** One append of events of one run, `[type/version, data]` each. */
  append(
    run: string,
    events: readonly (readonly [wire: string, data: unknown])[],
    more: Partial<Meta> = {},
  ): void {
    this.#write(this.#sealedAppend(run, events, more));
  }

  /** One append of one decision of one run: all its events in one record. */
  decide(run: string, events: readonly (readonly [wire: string, data: unknown])[]): void {
    const wire = events.map(([one]) => one).join(',');
    const value = recordValue(
      events.map(([wire, data]) => ({ wire, data })),
      run,
    );
    const { seq } = this.#runs.get(run) ?? { seq: 0 };
    const records = this.#sealedAppend(run, [[wire, value]], {});
    const hash = this.#runs.get(run)?.hash ?? GENESIS;
    this.#runs.set(run, { seq: seq + events.length, hash });
    this.#write(records);
  }

  /** An append that lands when its author has been deposed: the next claim comes in front of it. */
  lose(run: string, events: readonly (readonly [wire: string, data: unknown])[]): void {
    const { seq, hash } = this.#runs.get(run) ?? { seq: 0, hash: GENESIS };
    const index = this.#index;
    this.#late.push(this.#sealedAppend(run, events, {}));
    this.#runs.set(run, { seq, hash });
    this.#index = index;
  }

  landLate(): void {
    for (const records of this.#late.splice(0)) this.#write(records);
  }

  #sealedAppend(
    run: string,
    events: readonly (readonly [string, unknown])[],
    more: Partial<Meta>,
  ): NewRecord[] {
    return events.map(([wire, data], place) => {
      const { seq, hash } = this.#runs.get(run) ?? { seq: 0, hash: GENESIS };
      const sealed = this.#ours(
        run,
        wire,
        data,
        { run, seq: seq + 1, ...more },
        hash,
        place === events.length - 1,
      );
      this.#runs.set(run, { seq: seq + 1, hash: sealed.hash });
      return sealed.record;
    });
  }

  #ours(
    key: string,
    wire: string,
    data: unknown,
    of: Partial<Meta> | undefined,
    previous: Uint8Array,
    isLast: boolean,
  ) {
    this.#index += 1;
    this.#clock += 7;
    const meta: Meta = {
      id: of?.run === undefined ? `host/${this.#epoch}.${this.#index}` : `${of.run}/${of.seq}`,
      ...of,
      epoch: this.#epoch,
      index: this.#index,
      time: this.#clock,
      ...(this.#index === 1 ? { after: this.#before } : {}),
      ...(isLast ? { cursor: {} } : {}),
    };
    return this.#sealed(key, wire, meta, data, previous);
  }

  #sealed(key: string, wire: string, meta: Meta, data: unknown, previous: Uint8Array) {
    const value = data instanceof Uint8Array ? data : Buffer.from(JSON.stringify(data));
    return seal({ key, wire, meta, value }, previous);
  }

  #write(records: readonly NewRecord[]): void {
    this.#end += records.length;
    this.land(records);
  }
}

/** The events of a stored partition that every reader accepts. */
export function acceptedEvents(records: Iterable<StoredRecord>): Accepted[] {
  const reader = new FencedReader(runEvents.name, 0);
  return [...records].flatMap((record) => {
    const taken = reader.take(record);
    return taken === undefined || isClaim(taken) || taken.meta.run === undefined ? [] : [taken];
  });
}
