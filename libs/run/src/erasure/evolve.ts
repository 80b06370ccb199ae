import type { EvolveBy } from '../evolving.js';
import { forgotten } from '../life/end.evolve.js';
import { without } from '../lists.js';

/** What it would take to go on is forgotten: nobody takes the run up again. */
export const erasureEvents: EvolveBy<'values.erasing' | 'values.counted' | 'values.erased'> = {
  'values.erasing': (state, { by, reason, root }, folding) => {
    if (state.end === null) return state;
    const ordered = { by: by.sub, reason, at: state.time };
    const erasure =
      root === undefined
        ? ({ phase: 'ordered', ...ordered } as const)
        : ({ phase: 'with_root', root, ...ordered } as const);
    return forgotten({ ...state, erasure, end: without(state.end, 'resumable') }, folding);
  },
  'values.counted': (state, { values, bytes }) => {
    const { erasure } = state;
    if (erasure?.phase !== 'ordered') return state;
    return { ...state, erasure: { ...erasure, phase: 'removing', values, bytes } };
  },
  'values.erased': (state) => {
    const { erasure } = state;
    if (erasure?.phase !== 'removing') return state;
    return { ...state, erasure: { ...erasure, phase: 'done', until: state.time } };
  },
};
