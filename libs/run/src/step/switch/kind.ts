import { evaluateCondition } from '@interlock/language';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import { bodyDue, completeBody, driveBody, openTurn, startBody, stopBody } from '../body/drive.js';
import { leaveBody } from '../body/work.js';
import { failStep } from '../fail.js';
import type { StepKind } from '../kind.js';
import { expressionFailure } from '../tool/start.js';
import { begunSwitch, closedBranch, openedBranch, switchOf } from './work.js';

/** Takes the first branch whose condition holds. */
export const switchKind: StepKind = {
  starts: { 'scope.started': ['running'] },
  expressions: (definition) =>
    definition.kind === 'switch' ? definition.branches.map(({ when }) => when) : undefined,
  start: startSwitch,
  drive: (draft, step) => driveBody(draft, step, () => end(draft, step)),
  wait: (_state, _step, tell) => tell('body', 'the branch that was taken'),
  due: (state, step) => bodyDue(state, step, ({ open }) => open === 0),
  onTimer: (draft, step) => driveBody(draft, step, () => end(draft, step)),
  onTimeout: stopBody,
  endsByItself: (state, step) => switchOf(state, step)?.stopping !== undefined,
  completed: leaveBody,
  turns: {
    begin: begunSwitch,
    opened: openedBranch,
    closed: (work, _turn, outcome) => closedBranch(work, outcome),
  },
  output(state, step) {
    const work = switchOf(state, step);
    return work === undefined || work.open > 0 ? undefined : (work.given?.output ?? null);
  },
};

function startSwitch(draft: DecisionDraft, step: StepIndex): undefined {
  const { branches } = draft.definitionOf(step, 'switch');
  let branch: number;
  try {
    const scope = draft.scopeOf(step);
    branch = branches.findIndex(({ when }) => when === undefined || evaluateCondition(when, scope));
  } catch (error) {
    return failStep(draft, step, expressionFailure(error));
  }
  startBody(draft, step);
  if (branch < 0) return completeBody(draft, step, 'no branch');
  openTurn(draft, step, { branch });
}

function end(draft: DecisionDraft, step: StepIndex): undefined {
  const { open, given } = switchOf(draft.state, step) ?? { open: 0 };
  if (open === 0 && given !== undefined) completeBody(draft, step);
}
