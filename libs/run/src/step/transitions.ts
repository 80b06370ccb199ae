import type { Machine } from '../machine.js';
import { indicesOf } from '../tree.js';
import { everyKind } from './index.js';
import type { StepStatus } from './state.js';
import { isStanding, stepAt } from './steps.js';

/** How a step that is open may end, or leave it to others. */
const ends = {
  'step.completed': ['completed'],
  'step.failed': ['failed'],
  'step.fell_back': ['fell_back'],
  'step.parked': ['parked'],
} as const;

/** Its run had ended, and is taken up again from it or from a step before it. */
const anew = { 'run.reopened': ['pending'] } as const;

/** A step of the workflow. */
export const stepMachine: Machine<StepStatus> = {
  table: {
    pending: {
      ...Object.fromEntries(everyKind.flatMap(({ starts = {} }) => Object.entries(starts))),
      'step.skipped': ['skipped'],
      ...ends,
    },
    running: {
      // What its call was made from has changed: it is made anew.
      'call.recorded': ['pending'],
      'verdict.recorded': ['pending'],
      ...ends,
      ...anew,
    },
    // For a time, a signal or people.
    waiting: { ...ends, ...anew },
    // A person decides, or time is up.
    parked: {
      'step.resumed': ['pending', 'running'],
      'step.skipped': ['skipped'],
      'step.resolved': ['running'],
      'call.late_recorded': ['running'],
      'step.failed': ['failed'],
      ...anew,
    },
    // Its fallback acts, or a value stands in.
    fell_back: { 'step.completed': ['completed'], 'step.failed': ['failed'], ...anew },
    // Nobody can read the verdict that had allowed its call: of one that was completed, or skipped by a person.
    completed: { 'step.failed': ['failed'], ...anew },
    failed: anew,
    skipped: { 'step.failed': ['failed'], ...anew },
  },
  before: 'pending',
  phases: (state) =>
    indicesOf(state.steps).map((step) =>
      isStanding(state, step) ? stepAt(state, step).at.status : undefined,
    ),
  input: ({ type }) => type,
};
