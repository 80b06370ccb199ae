import type { Failure } from '@interlock/contracts';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import { definitionAt } from '../../scope/definition.js';
import type { RunState } from '../../state.js';
import { completeBody, driveBody, openTurn, startBody, stopBody } from '../body/drive.js';
import { leaveBody } from '../body/work.js';
import type { StepKind } from '../kind.js';
import { stepAt } from '../steps.js';
import { begunRepeat, closedPass, openedPass, type RepeatWork, repeatOf } from './work.js';

/** Runs its body until a condition holds at the end of a pass. */
export const repeatKind: StepKind = {
  starts: { 'scope.started': ['running'] },
  expressions: () => undefined,
  start: (draft, step) => startBody(draft, step),
  drive: (draft, step) => driveBody(draft, step, () => goOn(draft, step)),
  wait(state, step, tell) {
    const work = repeatOf(state, step);
    const { max } = definitionAt(state, step, 'repeat').repeat;
    const due = work === undefined || work.open > 0 ? undefined : nextAt(state, step, work);
    const detail = `pass ${work?.passes ?? 1} of at most ${max}`;
    return due === undefined ? tell('body', detail) : tell('wait', `the pass after ${detail}`, due);
  },
  due(state, step) {
    const work = repeatOf(state, step);
    if (work === undefined || work.open > 0 || stepAt(state, step).at.status !== 'running') return [];
    if (work.stopping !== undefined) return [state.time];
    return state.paused === null ? [nextAt(state, step, work) ?? state.time] : [];
  },
  onTimer: (draft, step) => driveBody(draft, step, () => goOn(draft, step)),
  onTimeout: stopBody,
  endsByItself: (state, step) => repeatOf(state, step)?.stopping !== undefined,
  completed: leaveBody,
  turns: {
    begin: begunRepeat,
    opened: (work, turn, time) => ('pass' in turn ? openedPass(work, turn.pass, time) : work),
    closed: (work, _turn, outcome) => closedPass(work, outcome),
    until: (state, owner) => definitionAt(state, owner, 'repeat').repeat.until,
  },
  atTurnEnd: (definition) => (definition.kind === 'repeat' ? definition.repeat.until : undefined),
  /** What the last pass gave, also for the next one. */
  output: (state, step) => {
    const work = repeatOf(state, step);
    return work === undefined ? undefined : (work.last?.output ?? null);
  },
  gives: { fields: ['body'] },
};

/** When the next pass may begin, UTC ms; undefined: none follows. */
function nextAt(state: RunState, step: StepIndex, { last, passes, since }: RepeatWork): number | undefined {
  const { everyMs = 0, max } = definitionAt(state, step, 'repeat').repeat;
  if (last?.done === true || passes >= max) return undefined;
  return passes === 0 ? state.time : since + everyMs;
}

function goOn(draft: DecisionDraft, step: StepIndex): undefined {
  const work = repeatOf(draft.state, step);
  if (work === undefined || work.open > 0) return;
  const { max } = draft.definitionOf(step, 'repeat').repeat;
  if (work.last?.done === true) return completeBody(draft, step, `pass ${work.passes}`);
  if (work.passes >= max) return stopBody(draft, step, exhausted(max));
  const due = nextAt(draft.state, step, work) ?? draft.now;
  if (draft.now >= due) openTurn(draft, step, { pass: work.passes + 1 });
}

const exhausted = (max: number): Failure => ({
  class: 'domain',
  code: 'repeat.exhausted',
  message: `what it repeats for had not come true after ${max} passes`,
});
