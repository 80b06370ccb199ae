// biome-ignore-all lint/style/noRestrictedGlobals: dates are written as people say them
import type { Effect } from '@interlock/actors';
import {
  ChangeSchedule,
  CreateSchedule,
  DeleteSchedule,
  type Identity,
  type Message,
  runEvents,
  type ScheduleSpec,
  scheduleCommands,
} from '@interlock/contracts';
import { delivered, type Scenario, specification } from '@interlock/testing';
import { SCHEDULES_KEY, type ScheduleSettings, type Schedules, scheduleActor } from './index.js';

/** A Thursday, nine o’clock. */
export const T0 = Date.UTC(2026, 0, 1, 9);
export const ada: Identity = { sub: 'ada', roles: ['operator'] };
export const MINUTE = 60_000;

export const spec: ScheduleSpec = {
  workflow: 'report',
  input: { of: 'yesterday' },
  timing: { everyMs: MINUTE },
  timezone: 'UTC',
  overlap: 'skip',
  catchUpMs: 10 * MINUTE,
  jitterMs: 0,
  paused: false,
  requestHash: 'request',
};

const settings: ScheduleSettings = {
  workflow: (name, version = 2) =>
    name === 'gone'
      ? undefined
      : { name, version, hash: `${name}@${version}`, inputSchema: { type: 'object' } },
  partitionOf: (key) => (key.startsWith('schedule/') ? 0 : Number.parseInt(key.slice(0, 4), 16) % 4),
};

export type ScheduleScenario = Scenario<Schedules>;

export const schedules = (changed: Partial<ScheduleSettings> = {}): ScheduleScenario =>
  specification<Schedules>(scheduleActor({ ...settings, ...changed }) as never, {
    key: SCHEDULES_KEY,
    startsAt: T0,
  }).given();

let commands = 0;
const envelope = (by: Identity) => ({ commandId: `command-${++commands}`, issuedAt: T0, by });
const command = (said: Message) => delivered(scheduleCommands.name, said);

export const create = (changed: Partial<ScheduleSpec> = {}, name = 'nightly', by = ada) =>
  command(CreateSchedule({ ...envelope(by), name, spec: { ...spec, ...changed } }));

export const change = (changed: Partial<ScheduleSpec>, revision = 1, by = ada) =>
  command(ChangeSchedule({ ...envelope(by), name: 'nightly', revision, spec: { ...spec, ...changed } }));

export const remove = (by = ada) => command(DeleteSchedule({ ...envelope(by), name: 'nightly' }));

interface Started {
  readonly runId: string;
  readonly due: number;
  readonly by: Identity;
}

export const lastStarted = (scenario: ScheduleScenario): Started =>
  scenario.last('schedule.started').data as Started;

/** The order of the newest start, or of the newest cancellation, is given. */
export const ordered = (scenario: ScheduleScenario, order: 'start' | 'cancel' = 'start') => {
  const type = order === 'start' ? 'schedule.started' : 'schedule.superseded';
  const { runId } = scenario.last(type).data as Started;
  const result = { id: { name: 'nightly' }, runId, order };
  return { kind: 'result', effectId: `${order}/${runId}`, result } as const;
};

/** What a new host orders, once what was decided before it is in the log. */
export function ordersAfterCrash(scenario: ScheduleScenario): readonly Effect[] {
  scenario.when({ kind: 'recovered' }).thenTypes('schedule.orders_resumed');
  return scenario.actor.effects?.(scenario.last('schedule.orders_resumed'), scenario.state) ?? [];
}

export const ended = (runId: string, type = 'run.completed') =>
  delivered(runEvents.name, { type, data: {} }, { run: runId });
