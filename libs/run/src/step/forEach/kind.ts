import type { Failure } from '@interlock/contracts';
import { limits } from '@interlock/language';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import type { Settings } from '../../options.js';
import { definitionAt } from '../../scope/definition.js';
import { hasRoomFor } from '../../scope/open.turns.js';
import { stepIn } from '../../scope/workflow.index.js';
import type { RunState } from '../../state.js';
import { bodyDue, completeBody, driveBody, openTurn, startBody, stopBody } from '../body/drive.js';
import { leaveBody } from '../body/work.js';
import { failStep } from '../fail.js';
import type { StepKind } from '../kind.js';
import { expressionFailure } from '../tool/start.js';
import { listOf } from './list.js';
import {
  begunForEach,
  closedItem,
  type ForEachWork,
  forEachOf,
  keepsItem,
  openedItem,
  outputOf,
  restedForEach,
} from './work.js';

/** All that its items give together, as JSON: the state holds it for as long as somebody may read it. */
const RESULTS_BYTES_MAX = 4 * 1024 * 1024;

/** Runs its body for each item of a list, a number of them at a time. */
export const forEachKind: StepKind = {
  starts: { 'scope.started': ['running'] },
  expressions: (definition) => (definition.kind === 'forEach' ? definition.forEach.in : undefined),
  start: startForEach,
  drive: (draft, step) => driveBody(draft, step, () => openItems(draft, step)),
  wait(state, step, tell) {
    const { list, next, open } = forEachOf(state, step) ?? { list: { items: 0 }, next: 0, open: 0 };
    return tell('body', `${next - open} of ${list.items} items are done, ${open} are under way`);
  },
  due: (state, step, settings) =>
    bodyDue(state, step, () => {
      const work = forEachOf(state, step);
      return work !== undefined && mayGoOn(state, step, work, settings);
    }),
  onTimer: (draft, step) => driveBody(draft, step, () => openItems(draft, step)),
  onTimeout: stopBody,
  endsByItself: (state, step) => forEachOf(state, step)?.stopping !== undefined,
  rested: restedForEach,
  completed: leaveBody,
  turns: {
    begin: (items, earlier) => begunForEach(items ?? 0, earlier),
    opened: (work, turn) => ('item' in turn ? openedItem(work, turn.item) : work),
    closed: (work, turn, outcome) => ('item' in turn ? closedItem(work, turn.item, outcome) : work),
    keeps: keepsItem,
    local(state, owner, turn, values) {
      if (!('item' in turn)) return undefined;
      return {
        name: definitionAt(state, owner, 'forEach').forEach.as,
        value: listOf(state, owner, values)[turn.item],
      };
    },
  },
  output(state, step) {
    const work = forEachOf(state, step);
    const isWhole = work !== undefined && work.next >= work.list.items && work.open === 0;
    return isWhole ? outputOf(work) : undefined;
  },
  gives: { fields: ['body'] },
};

function startForEach(draft: DecisionDraft, step: StepIndex): undefined {
  let items: number;
  try {
    items = listOf(draft.state, step, draft.values).length;
  } catch (error) {
    return failStep(draft, step, expressionFailure(error));
  }
  if (items > limits.turnsMax) return failStep(draft, step, tooMany(items));
  startBody(draft, step, items);
}

const tooMany = (items: number): Failure => ({
  class: 'invalid_input',
  code: 'forEach.too_many',
  message: `the list has ${items} items; at most ${limits.turnsMax}`,
});

type Form = ReturnType<typeof definitionAt<'forEach'>>['forEach'];

/** More items have failed than the document allows. */
function hasFailed({ failures, list }: ForEachWork, { failAfter }: Form): boolean {
  return failures > ('items' in failAfter ? failAfter.items : failAfter.share * list.items);
}

function mayGoOn(state: RunState, step: StepIndex, work: ForEachWork, settings: Settings): boolean {
  const { forEach } = definitionAt(state, step, 'forEach');
  if (hasFailed(work, forEach) || work.bytes > RESULTS_BYTES_MAX) return true;
  return work.next < work.list.items ? mayOpen(state, step, work, settings) : work.open === 0;
}

function mayOpen(state: RunState, step: StepIndex, { open }: ForEachWork, settings: Settings): boolean {
  const { definition, bodies } = stepIn(state, step);
  if (open === 0) return true;
  const [body] = bodies;
  const isWide = definition.kind === 'forEach' && open < definition.forEach.concurrency;
  return isWide && body !== undefined && hasRoomFor(state, body, settings);
}

function openItems(draft: DecisionDraft, step: StepIndex): undefined {
  const { forEach } = draft.definitionOf(step, 'forEach');
  for (let work = forEachOf(draft.state, step); work !== undefined; work = forEachOf(draft.state, step)) {
    if (hasFailed(work, forEach)) return stopBody(draft, step, itemsFailed(work));
    if (work.bytes > RESULTS_BYTES_MAX) return stopBody(draft, step, tooLarge);
    if (work.next >= work.list.items) return work.open === 0 ? completeBody(draft, step) : undefined;
    if (!mayOpen(draft.state, step, work, draft.settings) || draft.isFull) return;
    openTurn(draft, step, { item: work.next });
  }
}

/** Of the class and code of the failure that was one too many. */
function itemsFailed({ failures, failed, list }: ForEachWork): Failure {
  const { at, failure } = failed ?? {
    at: '',
    failure: { class: 'internal', code: 'forEach.failed', message: '' },
  };
  const message = `${failures} of ${list.items} items failed, the last at ${at}: ${failure.message}`;
  return { class: failure.class, code: failure.code, message: message.slice(0, 4_000) };
}

const tooLarge: Failure = {
  class: 'invalid_output',
  code: 'forEach.output_too_large',
  message: `its items give more than ${RESULTS_BYTES_MAX} bytes together: let "output" give less of each`,
};
