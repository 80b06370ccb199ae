import { type RunEvent, type ScheduleEvent, StartRun, terminalEventTypes } from '@interlock/contracts';
import { open, partsOf } from '@interlock/log';
import { isLater, type Logged, type Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I18: each due time of a schedule is dealt with exactly once, in order: it starts one run, waits to, or is named as skipped. What is
 * started has a run in the end; nothing is ordered that was not decided before; and where runs may not overlap, none does.
 */
export const eachDueOnce: Invariant = (reading) => {
  const schedules = Map.groupBy(
    reading.schedules.filter(isOfOne),
    ({ data }) => `${data.name}@${data.tenant ?? ''}`,
  );
  return [
    ...[...schedules].flatMap(([name, events]) => historyOf(name, events, reading)),
    ...ordersOf(reading),
  ];
};

interface Watching {
  /** The due time that is to be dealt with next; null: none. */
  next: number | null;
  everyMs: number | undefined;
  anchor: number;
  readonly queued: Set<number>;
  readonly started: Set<string>;
  /** A run whose end is waited for. */
  running: string | undefined;
}

type OfOne = Exclude<Logged<ScheduleEvent>, { type: 'schedule.orders_resumed' }>;
/** Bulk orders stand in the same log. */
const isOfOne = (event: Logged<ScheduleEvent>): event is OfOne =>
  event.type.startsWith('schedule.') && event.type !== 'schedule.orders_resumed';

function historyOf(name: string, events: readonly OfOne[], reading: Reading): Violation[] {
  const violations: Violation[] = [];
  const wrong = (message: string, run?: string) =>
    violations.push({ invariant: 'I18', message: `${name}: ${message}`, ...(run !== undefined && { run }) });
  let now: Watching | undefined;
  for (const { type, data } of events) {
    if (type === 'schedule.created') now = begun(data);
    if (now === undefined || type === 'schedule.created') continue;
    switch (type) {
      case 'schedule.changed':
        Object.assign(now, {
          ...begun(data),
          queued: now.queued,
          started: now.started,
          running: now.running,
        });
        break;
      case 'schedule.queued':
        if (data.due !== now.next) wrong(`${data.due} is queued, ${now.next} was due`);
        now.queued.add(data.due);
        follow(now, data.due, data.next, wrong);
        break;
      case 'schedule.skipped': {
        const waited = [...now.queued].filter((due) => due >= data.from && due <= data.to);
        for (const due of waited) now.queued.delete(due);
        if (waited.length > 0) break;
        if (data.from !== now.next) wrong(`${data.from} is skipped, ${now.next} was due`);
        follow(now, data.to, data.next, wrong);
        break;
      }
      case 'schedule.started':
        if (now.started.has(data.runId)) wrong(`${data.due} is started twice`, data.runId);
        if (data.watched && now.running !== undefined)
          wrong(`${data.due} starts beside ${now.running}`, data.runId);
        if (!now.queued.delete(data.due)) {
          if (data.due !== now.next) wrong(`${data.due} is started, ${now.next} was due`, data.runId);
          follow(now, data.due, data.next, wrong);
        }
        now.started.add(data.runId);
        if (data.watched) now.running = data.runId;
        if (reading.view.ended && !reading.runs.has(data.runId)) wrong(`${data.due} has no run`, data.runId);
        break;
      case 'schedule.run_ended':
        if (!hasEnded(reading.runs.get(data.runId))) wrong('its run has not ended', data.runId);
        if (now.running === data.runId) now.running = undefined;
        break;
      case 'schedule.deleted':
        if (now.queued.size > 0) wrong(`${[...now.queued].join(', ')} waited and was forgotten`);
        now = undefined;
        break;
    }
  }
  return violations;
}

const begun = ({
  spec,
  anchor,
  next,
}: Extract<ScheduleEvent, { type: 'schedule.created' }>['data']): Watching => ({
  next,
  everyMs: 'everyMs' in spec.timing && spec.hours === undefined ? spec.timing.everyMs : undefined,
  anchor,
  queued: new Set(),
  started: new Set(),
  running: undefined,
});

/** An interval leaves no due time out. */
function follow(now: Watching, upTo: number, next: number | null, wrong: (message: string) => void): void {
  now.next = next;
  const { everyMs, anchor } = now;
  if (everyMs === undefined || next === null) return;
  const expected = anchor + (Math.floor((upTo - anchor) / everyMs) + 1) * everyMs;
  if (next !== expected) wrong(`behind ${upTo} comes ${next}, not ${expected}`);
}

const hasEnded = (events: readonly Logged<RunEvent>[] = []): boolean =>
  events.some(({ type }) => terminalEventTypes.has(type));

/** An order stands in the log after what it follows from. */
function ordersOf({ view, schedules }: Reading): Violation[] {
  const decided = new Map(
    schedules.flatMap((event) =>
      event.type === 'schedule.started' ? [[event.data.runId, event] as const] : [],
    ),
  );
  return (view.topics.get('run.orders') ?? []).flatMap((records, partition) =>
    records.flatMap((record): Violation[] => {
      const opened = open(record);
      if (opened === undefined || !opened.wires.includes(StartRun.wire)) return [];
      const [part] = partsOf(opened, record.value);
      const start = StartRun.schema.safeParse(part?.data);
      if (!start.success) return [];
      const { runId } = start.data;
      const event = decided.get(runId);
      if (event === undefined)
        return [{ invariant: 'I18', run: runId, message: 'it is ordered, and nobody decided to start it' }];
      const landedAt = view.landedAt?.('run.orders', partition, record.offset);
      return isLater(event.landedAt, landedAt)
        ? [{ invariant: 'I18', run: runId, message: 'it is ordered before that is decided' }]
        : [];
    }),
  );
}
