import type { DataOf, EvolveBy } from '../../evolving.js';
import type { StepIndex } from '../../indices.js';
import { leaveTurn } from '../../scope/leave.js';
import type { Place, ScopeState, Turn } from '../../scope/scope.state.js';
import { isSameTurn, pathOfTurn, standsIn } from '../../scope/scopes.js';
import { bodyAt, stepIn, stepPlacedAt } from '../../scope/workflow.index.js';
import type { RunState } from '../../state.js';
import { growTree, nextIndex } from '../../tree.js';
import { turnsOf } from '../index.js';
import { putStep, startStep, stepAt, stepNamed } from '../steps.js';
import { bodyOf } from './work.js';

function scopeStarted(state: RunState, { step: path, items }: DataOf<'scope.started'>): RunState {
  const step = stepNamed(state, path);
  return startStep(state, step, 'running', turnsOf(state, step).begin(items, stepAt(state, step).work));
}

function scopeOpened(state: RunState, data: DataOf<'scope.opened'>): RunState {
  const owner = stepNamed(state, data.step);
  const place = placeFor(state, owner, turnIn(data));
  const { first } = bodyAt(state, place.body);
  const scope: ScopeState = { place, since: state.time, closed: 0, ...nextOnes(state) };
  const work = bodyOf(state, owner);
  const begun =
    work === undefined ? {} : { work: turnsOf(state, owner).opened(work, place.turn, state.time) };
  const opened = {
    ...state,
    steps: growTree(state.steps, place.size),
    scopes: [...state.scopes, scope],
    ready: [...state.ready, ...first.map((position) => stepPlacedAt(place, position))],
  };
  return putStep(opened, owner, begun);
}

/** What comes in it comes behind these. */
const nextOnes = ({ calls, requests, approvals }: RunState) => ({
  calls: nextIndex(calls),
  requests: nextIndex(requests),
  approvals: nextIndex(approvals),
});

function placeFor(state: RunState, owner: StepIndex, turn: Turn): Place {
  const { bodies, definition } = stepIn(state, owner);
  const body = bodies['branch' in turn ? turn.branch : 0];
  if (body === undefined) throw new Error(`step ${definition.id} has no such body`);
  return {
    body,
    size: bodyAt(state, body).steps.length,
    base: nextIndex(state.steps),
    owner,
    turn,
    path: pathOfTurn(definition.id, turn),
    generation: stepAt(state, owner).generation,
  };
}

export function turnIn({
  item,
  pass,
  branch,
}: Pick<DataOf<'scope.opened'>, 'item' | 'pass' | 'branch'>): Turn {
  if (item !== undefined) return { item };
  return pass === undefined ? { branch: branch ?? 0 } : { pass };
}

function scopeClosed(state: RunState, data: DataOf<'scope.closed'>): RunState {
  const owner = stepNamed(state, data.step);
  const turn = turnIn(data);
  const scope = state.scopes.find(({ place }) => place.owner === owner && isSameTurn(place.turn, turn));
  const work = bodyOf(state, owner);
  if (scope === undefined || work === undefined) return state;
  const { outcome } = data;
  const said = outcome.kind === 'completed' ? { ...outcome, output: outcome.output ?? null } : outcome;
  return putStep(leaveTurn(state, scope), owner, { work: turnsOf(state, owner).closed(work, turn, said) });
}

/** What is open in them is stopped: nothing new starts. */
function scopeStopping(state: RunState, { step: path, failure }: DataOf<'scope.stopping'>): RunState {
  const owner = stepNamed(state, path);
  const work = bodyOf(state, owner);
  if (work === undefined) return state;
  const scopes = state.scopes.map(
    (scope): ScopeState =>
      scope.place.owner === owner && scope.ending === undefined
        ? { ...scope, ending: { kind: 'stopped' } }
        : scope,
  );
  const stopped = scopes.filter(({ place }) => place.owner === owner);
  const isLeft = (step: StepIndex): boolean => !stopped.some((scope) => standsIn(state, step, scope));
  const stopping = { ...work, stopping: work.stopping ?? failure };
  return putStep({ ...state, scopes, ready: state.ready.filter(isLeft) }, owner, { work: stopping });
}

/** A step of a turn has failed, and nothing in it stands in: the turn ends with it. */
export function turnFailed(
  state: RunState,
  scope: ScopeState,
  ending: NonNullable<ScopeState['ending']>,
): RunState {
  if (scope.ending !== undefined) return state;
  return {
    ...state,
    scopes: state.scopes.map((other) => (other === scope ? { ...scope, ending } : other)),
    ready: state.ready.filter((step) => !standsIn(state, step, scope)),
  };
}

export const bodyEvents: EvolveBy<'scope.started' | 'scope.opened' | 'scope.closed' | 'scope.stopping'> = {
  'scope.started': scopeStarted,
  'scope.opened': scopeOpened,
  'scope.closed': scopeClosed,
  'scope.stopping': scopeStopping,
};
