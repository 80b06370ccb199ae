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
    },
    // For a time, a signal or people.
    waiting: ends,
    // A person decides, or time is up.
    parked: {
      'step.resumed': ['pending', 'running'],
      'step.skipped': ['skipped'],
      'step.resolved': ['running'],
      'call.late_recorded': ['running'],
      'step.failed': ['failed'],
    },
    // Its fallback acts, or a value stands in.
    fell_back: { 'step.completed': ['completed'], 'step.failed': ['failed'] },
    // Nobody can read the verdict that had allowed its call: of one that was completed, or skipped by a person.
    completed: { 'step.failed': ['failed'] },
    failed: {},
    skipped: { 'step.failed': ['failed'] },
  },
  before: 'pending',
  phases: (state) =>
    indicesOf(state.steps).map((step) =>
      isStanding(state, step) ? stepAt(state, step).at.status : undefined,
    ),
  input: ({ type }) => type,
};
