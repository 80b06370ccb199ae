import {
  type ApprovalEvent,
  catalogueOf,
  errorText,
  type Message,
  type PolicyEvent,
  type RunEvent,
  type ScheduleEvent,
  type ToolEvent,
  topics,
} from '@interlock/contracts';
import {
  type Accepted,
  FencedReader,
  isClaim,
  type Meta,
  type Position,
  partsOf,
  type ReadRecord,
} from '@interlock/log';
import { evolve, type RunState } from '@interlock/run';
import { type People, readPeople } from './people.reading.js';
import type { View, Violation } from './view.js';

/** A message of a log that every reader accepts, with where it stands. */
export type Logged<Message> = Message & {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Of the record there, from 0. */
  readonly part: number;
  readonly meta: Meta & { readonly run: string };
  /** ms; undefined: not known. */
  readonly landedAt: number | undefined;
};

/** A partition of a fenced topic as its readers see it. */
export interface FencedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly accepted: readonly Accepted[];
  /** The position of a reader in front of each offset, and behind the last. */
  readonly positions: readonly Position[];
}

export type CallRequest = Logged<Extract<RunEvent, { type: 'call.requested' }>>;

/** The view, read once for all invariants. */
export interface Reading {
  readonly view: View;
  readonly fenced: readonly FencedPartition[];
  /** Accepted events of each run, in order. */
  readonly runs: ReadonlyMap<string, readonly Logged<RunEvent>[]>;
  /** The state of each run after each of its events. */
  readonly states: ReadonlyMap<string, readonly (RunState | undefined)[]>;
  readonly verdicts: readonly Logged<PolicyEvent>[];
  readonly tools: readonly Logged<ToolEvent>[];
  /** By the check they answer. */
  readonly verdictsByCheck: ReadonlyMap<string, readonly Logged<PolicyEvent>[]>;
  /** By the request they answer. */
  readonly toolsByRequest: ReadonlyMap<string, readonly Logged<ToolEvent>[]>;
  readonly callRequests: ReadonlyMap<string, CallRequest>;
  readonly people: People;
  /** What has become of schedules. */
  readonly schedules: readonly Logged<ScheduleEvent>[];
  /** What stopped a reader or a fold: gaps, broken hashes, events that cannot follow. */
  readonly corrupt: readonly Violation[];
}

export function read(view: View): Reading {
  const corrupt: Violation[] = [];
  const fenced = topics
    .filter(({ kind }) => kind === 'fenced')
    .flatMap(({ name }) =>
      (view.topics.get(name) ?? []).map((records, partition) =>
        readFenced(name, partition, records, corrupt),
      ),
    );
  const logged = <M>(topic: string): Logged<M>[] =>
    fenced.filter((one) => one.topic === topic).flatMap((one) => messagesOf<M>(view, one));
  const runs = new Map<string, Logged<RunEvent>[]>();
  for (const event of logged<RunEvent>('run.events')) {
    const run = event.meta.run;
    const events = runs.get(run);
    if (events === undefined) runs.set(run, [event]);
    else events.push(event);
  }
  const callRequests = new Map<string, CallRequest>();
  for (const events of runs.values())
    for (const event of events) if (event.type === 'call.requested') callRequests.set(event.meta.id, event);
  // What policy notes for its own fold stands there too.
  const verdicts = logged<PolicyEvent>('policy.events').filter(({ type }) => type === 'policy.decided');
  const tools = logged<ToolEvent>('tool.events');
  const states = new Map([...runs].map(([run, events]) => [run, statesOf(run, events, corrupt)]));
  return {
    view,
    fenced,
    runs,
    states,
    verdicts,
    tools,
    verdictsByCheck: groupBy(verdicts, ({ data }) => data.checkId),
    toolsByRequest: groupBy(tools, ({ data }) => data.requestId),
    callRequests,
    schedules: logged<ScheduleEvent>('schedule.events'),
    people: readPeople(view, logged<ApprovalEvent>('approval.events'), runs),
    corrupt,
  };
}

export function statesOf(
  run: string,
  events: readonly Logged<RunEvent>[],
  corrupt: Violation[],
): readonly (RunState | undefined)[] {
  const states: (RunState | undefined)[] = [];
  for (const { type, data, meta } of events) {
    const { id, seq = 0, time } = meta;
    try {
      states.push(evolve(states.at(-1), { type, data, id, seq, time }, run));
    } catch (error) {
      corrupt.push({
        invariant: 'I8',
        run,
        message: `the fold broke at seq ${seq}, ${type}: ${String(error)}`,
      });
      break;
    }
  }
  return states;
}

function readFenced(
  topic: string,
  partition: number,
  records: readonly ReadRecord[],
  corrupt: Violation[],
): FencedPartition {
  const reader = new FencedReader(topic, partition);
  const accepted: Accepted[] = [];
  const positions: Position[] = [reader.position];
  try {
    for (const record of records) {
      const taken = reader.take(record);
      if (taken !== undefined) accepted.push(taken);
      positions.push(reader.position);
    }
  } catch (error) {
    corrupt.push({ invariant: 'I2', message: errorText(error) });
  }
  return { topic, partition, accepted, positions };
}

function messagesOf<M>(view: View, { topic, partition, accepted }: FencedPartition): Logged<M>[] {
  return accepted.flatMap((taken) => {
    const { offset, record } = taken;
    const { run } = taken.meta;
    if (isClaim(taken) || run === undefined) return [];
    const landedAt = view.landedAt?.(topic, partition, offset);
    return partsOf(taken, record.value).map(({ wire, meta, part, data }) => {
      const place = { topic, partition, offset, part };
      return {
        ...messageOf(topic, wire, data),
        ...place,
        meta: { ...meta, run },
        landedAt,
      } as unknown as Logged<M>;
    });
  });
}

/** With what its record leaves out; what this release does not know stays as it stands there. */
function messageOf(topic: string, wire: string, data: unknown): Message {
  const catalogue = catalogueOf({ name: topic });
  if (catalogue.knows(wire)) return catalogue.trustedData(wire, data);
  return { type: wire.slice(0, wire.lastIndexOf('/')), data };
}

/** The hash of the call that each request of a run is for, by the request's id. */
export const hashesByRequest = (events: readonly Logged<RunEvent>[]): ReadonlyMap<string, string> =>
  new Map(
    events.flatMap(({ type, data, meta }) =>
      type === 'call.requested' ? [[meta.id, data.callHash] as const] : [],
    ),
  );

export const dataOf = ({ value }: Pick<ReadRecord, 'value'>): unknown =>
  JSON.parse(Buffer.from(value ?? new Uint8Array()).toString('utf8'));

/** Whether `first` stands in front of `second`, in one partition of one topic. */
export const isInFront = (
  first: Pick<Logged<unknown>, 'offset' | 'part'>,
  second: Pick<Logged<unknown>, 'offset' | 'part'>,
): boolean => first.offset < second.offset || (first.offset === second.offset && first.part < second.part);

/** Whether `first` is known to have landed after `second`: false where nobody knows. */
export const isLater = (first: number | undefined, second: number | undefined): boolean =>
  first !== undefined && second !== undefined && first > second;

export const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};
