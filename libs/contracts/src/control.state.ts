import type { z } from 'zod';
import type {
  CallsStopped,
  ControlEvent,
  controlRefusals,
  LiftVoted,
  StopLifted,
  StopNote,
  Stoppable,
  StopScope,
} from './control.events.js';
import { type RefusedCommand, withRefused } from './refused.command.js';

type Stopped = z.output<typeof CallsStopped.schema>;
type LiftVote = Omit<z.output<typeof LiftVoted.schema>, 'stopId'>;

/** A stop, in force until it is lifted. */
export interface Stop extends Stopped {
  /** Who has said what about lifting it, oldest first. */
  readonly votes: readonly LiftVote[];
  readonly lifted?: Pick<z.output<typeof StopLifted.schema>, 'liftedBy' | 'at' | 'commandId'>;
}

/** The fold of `control.events`. */
export interface ControlState {
  /** Oldest first; of those that are lifted the newest only. */
  readonly stops: readonly Stop[];
  /** How many there ever were. */
  readonly count: number;
  readonly refused: readonly RefusedCommand<(typeof controlRefusals)[number]>[];
}

export const nothingStopped: ControlState = { stops: [], count: 0, refused: [] };

/** For people who look back; the log itself keeps everything. */
const LIFTED_MAX = 200;

export function foldControl(state: ControlState, event: ControlEvent): ControlState {
  switch (event.type) {
    case 'control.stopped':
      return { ...state, stops: [...state.stops, { ...event.data, votes: [] }], count: event.data.number };
    case 'control.lift_voted': {
      const { stopId, ...vote } = event.data;
      return changed(state, stopId, (stop) => ({ ...stop, votes: [...stop.votes, vote] }));
    }
    case 'control.lifted': {
      const { stopId, ...lifted } = event.data;
      return trimmed(changed(state, stopId, (stop) => ({ ...stop, lifted })));
    }
    case 'control.refused':
      return { ...state, refused: withRefused(state.refused, event.data) };
  }
}

function changed(state: ControlState, stopId: string, change: (stop: Stop) => Stop): ControlState {
  return { ...state, stops: state.stops.map((stop) => (stop.stopId === stopId ? change(stop) : stop)) };
}

function trimmed(state: ControlState): ControlState {
  const lifted = state.stops.filter((stop) => stop.lifted !== undefined);
  const dropped = new Set(lifted.slice(0, Math.max(0, lifted.length - LIFTED_MAX)));
  return dropped.size === 0 ? state : { ...state, stops: state.stops.filter((stop) => !dropped.has(stop)) };
}

export const inForce = ({ stops }: ControlState): readonly Stop[] =>
  stops.filter(({ lifted }) => lifted === undefined);

/** A stop that this reader has not heard of yet is not lifted for it. */
export const isLifted = (state: ControlState, number: number): boolean =>
  number <= state.count && !inForce(state).some((stop) => stop.number === number);

/** Who wants the stop lifted: since the last no, if there was one. */
export function lifters({ votes }: Stop): readonly LiftVote[] {
  const lastNo = votes.findLastIndex(({ vote }) => vote === 'deny');
  return votes.slice(lastNo + 1);
}

/** What is about to be started. */
export interface StoppableCall extends Stoppable {
  /** Absent: a request to a model. */
  readonly tool?: string;
}

/** Whether a call may start. `unknown`: this process cannot say at the moment what is stopped, so nothing starts. */
export type Standing =
  | { readonly kind: 'free' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'stopped'; readonly by: StopNote };

/** What a process that starts something knows of kill switches. */
export interface Stops {
  standing(call: StoppableCall): Standing;
}

/** The oldest stop in force that the call falls under. */
export const stopOf = (state: ControlState, call: StoppableCall): Stop | undefined =>
  inForce(state).find((stop) => (!call.compensates || stop.compensations) && covers(stop.scope, call));

function covers(scope: StopScope, { tool, workflow, tenant, levels }: StoppableCall): boolean {
  if ('all' in scope) return true;
  if ('tool' in scope) return scope.tool === tool;
  if ('workflow' in scope) return scope.workflow === workflow;
  if ('tenant' in scope) return scope.tenant === tenant;
  return levels.includes(scope.level);
}
